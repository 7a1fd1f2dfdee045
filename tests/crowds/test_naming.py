"""Communities go by what their accounts say and others do not."""

from __future__ import annotations

from monitor.crowds.naming import Topicality, name_of, plain_words

CIRCLES = {account: 1 if account < 10 else 2 for account in range(20)}


def test_each_camp_goes_by_its_own_words_and_not_by_those_of_all() -> None:
    used = [(account, ["acme", "boycott"], ["parcel", "late"]) for account in range(10)]
    used += [(account, ["acme", "sale"], ["parcel", "discount"]) for account in range(10, 20)]
    assert name_of(used, CIRCLES, [1, 2]) == {
        1: Topicality(("boycott",), ("late",)),
        2: Topicality(("sale",), ("discount",)),
    }


def test_a_single_camp_goes_by_what_most_say() -> None:
    used = [(account, ["acme"] if account else ["acme", "x"], ["late"] * (account < 6)) for account in range(8)]
    assert name_of(used, dict.fromkeys(range(8), 1), [1])[1] == Topicality(("acme",), ("late",))


def test_a_loud_account_does_not_name_its_camp() -> None:
    used = [(1, ["mine"], ["me"])] * 50 + [(account, ["ours"], []) for account in range(2, 6)]
    assert name_of(used, CIRCLES, [1])[1] == Topicality(("ours",), ())


def test_a_camp_nobody_said_anything_in_has_no_name() -> None:
    assert name_of([(11, ["x"], [])], CIRCLES, [1]) == {1: Topicality()}


def test_words_are_neither_handles_links_numbers_nor_little_words() -> None:
    said = "Nous n'avons PAS de réseau depuis 2h30 à Nantes 😡 @jane.doe #acmegate www.acme.example/x why would you?"
    assert plain_words(said) == {"réseau", "nantes"}
    assert plain_words("x" * 3_000_000) == set()
