"""All that must survive, in SQLite or PostgreSQL. The only place with SQLAlchemy."""
