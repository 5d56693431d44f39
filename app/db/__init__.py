"""The store: tables and plain functions over SQLAlchemy Core. Only `database` and the migrations know that it is SQLite."""
