"""The query adapter: a learnt map on the query's vector; entity vectors stay as they are."""
