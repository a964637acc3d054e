"""The general grammar and a small background for tests of learning."""

import pytest

from monitor.learning import Material, Seed, learn, read_material
from monitor.learning.corpus import clean
from monitor.learning.slots import read_seed_texts


@pytest.fixture(scope="session")
def material(root, tmp_path_factory) -> Material:
    """The shipped grammar and background, with no base known and nothing learned yet."""
    shipped = read_material(root / "rules", tmp_path_factory.mktemp("empty"))
    return Material(shipped.background, shipped.grammar, general=shipped.general)


@pytest.fixture(scope="session")
def grammar(material):
    return material.grammar


@pytest.fixture
def read(grammar):
    """Sentences as one seed, read."""
    return lambda *sentences: read_seed_texts([clean(Seed("s", sentences[0], "\n".join(sentences)))], grammar)


@pytest.fixture
def proposed(material):
    """What texts teach; each text is a seed."""
    return lambda *texts: learn([Seed(str(number), text, text) for number, text in enumerate(texts)], material)
