"""The sky over the plants: weather services, fetched as bytes and read into engine types."""
