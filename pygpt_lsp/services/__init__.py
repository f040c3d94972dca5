"""The only I/O of the product: network, files, database, keys, git.

Imports of heavy libraries (openai, httpx2, sqlite3, yaml) stay inside functions or in modules that the
server imports on first use, because the answer to `initialize` must not wait for them.
"""
