"""Our own NamedTuple beside typing's: to those who make, read, match, copy and pickle one they are the same."""

import copy
import pickle
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader import typed


class Ours(typed.NamedTuple):
    one: int
    two: str = "b"
    three: object = ()

    def both(self) -> str:
        return f"{self.one}{self.two}"


class Theirs(typing.NamedTuple):
    one: int
    two: str = "b"
    three: object = ()

    def both(self) -> str:
        return f"{self.one}{self.two}"


values = st.integers(0, 3)


@given(st.lists(values, max_size=4), st.dictionaries(st.sampled_from(["one", "two", "three", "four"]), values))
def test_they_are_made_alike(given_values: list[object], named: dict[str, object]) -> None:
    try:
        theirs: typing.Any = typing.cast(typing.Any, Theirs)(*given_values, **named)
    except TypeError:
        with pytest.raises(TypeError):
            typing.cast(typing.Any, Ours)(*given_values, **named)
        return
    ours: typing.Any = typing.cast(typing.Any, Ours)(*given_values, **named)
    assert tuple(ours) == tuple(theirs)
    assert (ours.one, ours.two, ours.three, ours.both()) == (theirs.one, theirs.two, theirs.three, theirs.both())
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert tuple(ours._replace(two=9)) == tuple(theirs._replace(two=9))
    assert pickle.loads(pickle.dumps(ours)) == copy.copy(ours) == copy.deepcopy(ours) == ours
    assert type(pickle.loads(pickle.dumps(ours))) is Ours


def test_they_are_read_alike() -> None:
    match typing.cast(object, Ours(1)):
        case Ours(one, two, three=rest):
            assert (one, two, rest) == (1, "b", ())
        case _:
            raise AssertionError
    assert Ours._fields == Theirs._fields
    for kind in (Ours, Theirs):
        with pytest.raises(AttributeError):
            kind(1).one = 2  # type: ignore[misc]
        with pytest.raises(AttributeError):
            kind(1).four = 2  # type: ignore[union-attr]
        with pytest.raises((TypeError, ValueError)):
            kind(1)._replace(four=2)  # type: ignore[call-arg]
