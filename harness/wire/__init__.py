"""The wire: everything two hive programs say to each other, as frozen pydantic models.

It lives with the harness because the smaller program owns the protocol: a container then needs no
daemon code. Imports nothing but pydantic and the standard library.
"""
