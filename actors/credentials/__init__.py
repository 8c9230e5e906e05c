"""The watch over the file with the hive's API key: a changed key is used at once, by what runs as well."""
