"""Services that the program runs itself where none are given: Redis and PostgreSQL, as children that die with it."""
