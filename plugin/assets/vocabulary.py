"""What OpenSearch calls things: its queries, field types, analyzers and dynamic settings (3.6)."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


QUERIES_BY_FIELD = _words(
    "match match_phrase match_phrase_prefix match_bool_prefix term terms terms_set prefix wildcard "
    "regexp fuzzy range intervals span_term knn neural neural_sparse geo_distance "
    "geo_bounding_box"
)
"""Queries of the form ``{query: {field: …}}``."""

QUERIES = QUERIES_BY_FIELD | _words(
    "bool dis_max boosting constant_score function_score script_score hybrid nested has_child "
    "has_parent parent_id ids match_all match_none multi_match combined_fields query_string "
    "simple_query_string exists rank_feature distance_feature more_like_this percolate script "
    "span_near span_or span_first span_not wrapper template agentic"
)

DECAYS = _words("gauss exp linear")
"""Functions of a function_score of the form ``{decay: {field: …}}``."""

HOLDS_QUERIES = _words(
    "query filter must should must_not queries positive negative post_filter rescore_query"
)
"""Keys under which a query, or a list of them, stands."""

QUERY_SETTINGS = _words(
    "boost _name ignore_unmapped distance distance_type validation_method type multi_value_mode"
)
"""Keys beside the field in such a query, or decay."""

BRINGS_FIELDS = _words(
    "fields docvalue_fields stored_fields script_fields highlight aggs aggregations suggest "
    "explain inner_hits"
)
"""Parts of a search body that make the answer longer than ids and scores."""

OPEN_TYPES = _words("rank_features flat_object")
"""Types of fields whose keys are not in the mapping."""

METADATA = _words("_id _index _score _doc _seq_no _shard_doc _source")

DOC_VALUES = _words(
    "keyword long integer short byte double float half_float scaled_float unsigned_long date "
    "date_nanos boolean ip"
)
"""Field types that can be sorted by, counted and read as doc values."""

ANALYZERS = _words(
    "standard simple whitespace stop keyword pattern fingerprint default cjk arabic armenian "
    "basque bengali brazilian bulgarian catalan czech danish dutch english estonian finnish french "
    "galician german greek hindi hungarian indonesian irish italian latvian lithuanian norwegian "
    "persian portuguese romanian russian sorani spanish swedish turkish thai"
)
"""Analyzers that need no definition."""

CHAR_FILTERS = _words("html_strip mapping pattern_replace icu_normalizer")
TOKENIZERS = _words(
    "standard keyword whitespace letter lowercase pattern simple_pattern uax_url_email classic "
    "thai ngram edge_ngram nGram edgeNGram path_hierarchy PathHierarchy char_group icu_tokenizer"
)
TOKEN_FILTERS = _words(
    "lowercase uppercase asciifolding trim apostrophe classic cjk_bigram cjk_width decimal_digit "
    "delimited_payload edge_ngram edgeNGram ngram nGram elision fingerprint flatten_graph "
    "keyword_repeat kstem length limit porter_stem remove_duplicates reverse shingle snowball "
    "stemmer stop truncate type_as_payload unique word_delimiter word_delimiter_graph "
    "arabic_normalization arabic_stem bengali_normalization brazilian_stem common_grams czech_stem "
    "dictionary_decompounder dutch_stem french_stem german_normalization german_stem "
    "hindi_normalization hyphenation_decompounder indic_normalization persian_normalization "
    "persian_stem russian_stem scandinavian_folding scandinavian_normalization "
    "serbian_normalization sorani_normalization icu_normalizer icu_folding"
)
"""Parts of analyzers that need no definition."""

STEMMERS = _words(
    "arabic armenian basque bengali brazilian bulgarian catalan czech danish dutch dutch_kp "
    "english light_english lovins minimal_english porter porter2 possessive_english estonian "
    "finnish light_finnish french light_french minimal_french galician minimal_galician german "
    "german2 light_german minimal_german greek hindi hungarian light_hungarian indonesian irish "
    "italian light_italian latvian lithuanian norwegian light_norwegian minimal_norwegian "
    "light_nynorsk minimal_nynorsk persian portuguese light_portuguese minimal_portuguese "
    "portuguese_rslp romanian russian light_russian sorani spanish light_spanish swedish "
    "light_swedish turkish"
)
"""What a stemmer's language may be."""

DYNAMIC_SETTINGS = _words(
    "number_of_replicas auto_expand_replicas refresh_interval default_pipeline final_pipeline "
    "max_result_window max_inner_result_window max_rescore_window max_docvalue_fields_search "
    "max_script_fields max_ngram_diff max_shingle_diff max_terms_count max_regex_length "
    "max_refresh_listeners max_slices_per_scroll gc_deletes hidden priority "
    "analyze.max_token_count highlight.max_analyzed_offset query.default_field "
    "knn.algo_param.ef_search search.default_pipeline search.idle.after "
    "search.concurrent_segment_search.enabled search.concurrent_segment_search.mode "
    "mapping.total_fields.limit mapping.depth.limit mapping.nested_fields.limit "
    "mapping.nested_objects.limit mapping.field_name_length.limit translog.durability "
    "translog.sync_interval translog.flush_threshold_size"
)
"""Index settings that an open index takes; all others are fixed when it is made."""

DYNAMIC_SETTING_GROUPS = (
    "routing.allocation.",
    "search.slowlog.",
    "indexing.slowlog.",
    "blocks.",
    "merge.",
)

UPDATABLE_PARAMETERS = _words(
    "ignore_above search_analyzer search_quote_analyzer coerce ignore_malformed copy_to dynamic "
    "boost meta _meta"
)
"""Parameters of a field that ``_mapping`` takes for a field that is there already."""
