"""Class hierarchies, semantic class embeddings, and training on them.

Nothing is imported here: `taxo.taxonomy`, `taxo.hierarchies` and `taxo.embeddings` stay light, and only
`taxo.training` needs torch.
"""

__version__ = "0.1.0"
