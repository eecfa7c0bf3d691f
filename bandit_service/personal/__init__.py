"""What is known of who asks: vectors of users, sessions and of what occurs together, and trends.

Never needed for a good answer: somebody unknown is new, and what cannot be read now is missing.
"""
