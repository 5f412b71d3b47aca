"""One module per file format of embeddings, each with `write(embedding, path)` and `read(path) -> Embedding`."""
