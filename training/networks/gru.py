"""The network for texts of [BD20], section 4.5: word vectors, a GRU over the words, and its last state.

Word vectors, dropout, GRU with 300 units, dropout, batch norm, and the dense layer f. The paper leaves open what
follows; the choices are these. Given vectors are not trained: of 100 texts nothing can be learnt about the thousands
of words that they lack. Dropout draws anew for every number. The weights start as in Keras: Glorot-uniform
from the words, orthogonal from state to state, biases of zero.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional, init

from taxo.taxonomy.errors import TaxoError

from .registry import InputSpec
from .start import glorot

UNITS = 300


class TextGru(nn.Module):
    """Numbers of words to `n_outputs` features.

    The vectors of the words are part of the state under one name, whether trained or not, so that weights of either
    kind fill a network that was made without vectors.

    Args:
        n_outputs: Outputs of the last layer f.
        inputs: Number of words, and their vectors: given ones stay as they are, others are drawn and trained.
        units: Length of the state of the GRU.
        dropout: Share of the inputs and of the outputs of the GRU that are set to zero in training.

    Raises:
        TaxoError: The inputs are images.
    """

    vectors: Tensor

    def __init__(self, n_outputs: int, inputs: InputSpec, units: int = UNITS, dropout: float = 0.5) -> None:
        super().__init__()
        if not inputs.n_words:
            raise TaxoError("the network 'gru' reads texts, but the data set holds images; choose another network")
        if inputs.word_vectors is None:
            self.vectors = nn.Parameter(_drawn(inputs.n_words, inputs.word_dim))
        else:
            self.register_buffer("vectors", torch.tensor(inputs.word_vectors, dtype=torch.float32))
        self.dropout = nn.Dropout(dropout)
        self.gru = _started(nn.GRU(inputs.word_dim, units, batch_first=True))
        # As in the ResNets for small images: 0.01, Keras' usual, would need hundreds of steps to forget the start.
        self.bn = nn.BatchNorm1d(units, eps=1e-3, momentum=0.1)
        self.f = glorot(nn.Linear(units, n_outputs))

    def forward(self, numbers: Tensor) -> Tensor:
        """int64 `(batch, length)`, 0 behind the end, to `(batch, n_outputs)`."""
        words = self.dropout(functional.embedding(numbers, self.vectors))  # (batch, length, word_dim)
        states, _ = self.gru(words)  # (batch, length, units)
        # A state depends on the words before it only, so what stands behind the end never matters.
        last = (numbers != 0).sum(dim=1).clamp(min=1) - 1  # (batch,)
        state = states[torch.arange(len(numbers), device=numbers.device), last]  # (batch, units)
        features: Tensor = self.f(self.bn(self.dropout(state)))
        return features


def _drawn(n_words: int, dim: int) -> Tensor:
    """Vectors to be trained, uniform in +-0.05 as in Keras; those of the end and of the unknown word are 0.

    No training text holds the unknown word, so its vector stays 0.
    """
    vectors = torch.empty(n_words, dim).uniform_(-0.05, 0.05)
    vectors[:2] = 0
    return vectors


def _started(gru: nn.GRU) -> nn.GRU:
    for name, weight in gru.named_parameters():
        if name.startswith("bias"):
            init.zeros_(weight)
        elif name == "weight_hh_l0":
            init.orthogonal_(weight)
        else:
            init.xavier_uniform_(weight)
    return gru
