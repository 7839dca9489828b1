"""What a run of a source comes to: no sequence of feeds and edits loses or doubles an event, or undoes a correction."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from calendar_app.services.matching import Match
from calendar_app.services.reconciling import Act, Feed, Known, Remembered, Said, decide
from calendar_app.services.source_units import UNITS, spoken, taken

ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)
CONFIRMED = {"status": "confirmed"}


def state(title="Workshop on lead", day="2027-03-01", **values):
    return {
        "titles": {"en": title}, "span": [day, day], "precision": "day", "date_text": "", "start_time": "",
        "end_time": "", "timezone": "", "status": "confirmed", "city": "", "country": "", **values,
    }  # fmt: skip


def run(now, before=(), calendar=None, matches=None, *, is_direct=True, **feed):
    items = [Said(uid, said) for uid, said in now.items()]
    return decide(Feed(items, **feed), before, calendar or {}, matches or {}, is_direct=is_direct)


def acts(plan):
    return {step.uid: step.act for step in plan.steps}


# (what the source said before, what it says now, what the calendar has, what is changed, what disagrees)
FIELDS = {
    "nothing happened": (state(), state(), state(), (), ()),
    "the source moved it": (state(), state(day="2027-03-08"), state(), ("span",), ()),
    "a person moved it": (state(), state(), state(day="2027-03-02"), (), ("span",)),
    "both moved it": (state(), state(day="2027-03-08"), state(day="2027-03-02"), (), ("span",)),
    "both moved it alike": (state(), state(day="2027-03-08"), state(day="2027-03-08"), (), ()),
    "two fields, one corrected": (
        state(), state("Workshop on lead paint", "2027-03-08"), state(day="2027-03-02"), ("titles",), ("span",),
    ),
    "the source learned the city": (state(), state(city="Rome", country="IT"), state(), ("city",), ()),
    "the source forgot the city": (state(city="Rome"), state(), state(city="Rome"), (), ()),
    "a person gave the city first": (state(), state(city="Rome"), state(city="Bonn"), (), ("city",)),
    "the source called it off": (state(), state(status="cancelled"), state(), ("status",), ()),
    "only the hour moved": (
        state(start_time="09:00"), state(start_time="10:00"), state(start_time="09:00"), ("span",), (),
    ),
    "a person added a language": (
        state(), state("Workshop on lead paint"), state(titles={"en": "Workshop on lead", "ar": "ورشة"}), ("titles",),
        (),
    ),
    "a person wrote what the source says only now": (
        state(), state(descriptions={"en": "Join"}), state(descriptions={"en": "Ana's"}), (), ("descriptions",),
    ),
    "a person translated the title first": (
        state(), state(titles={"en": "Workshop on lead", "fr": "Atelier"}),
        state(titles={"en": "Workshop on lead", "fr": "L'atelier d'Ana"}), (), ("titles",),
    ),
    "the source learned a language": (
        state(), state(titles={"en": "Workshop on lead", "fr": "Atelier"}), state(), ("titles",), (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FIELDS)
def test_what_a_person_changed_stays_and_what_only_the_source_changed_is_taken(case):
    said, now, have, changed, disagreeing = FIELDS[case]
    plan = run({"a": now}, [Remembered("a", ONE, said)], {ONE: Known(have)})
    assert (plan.steps[0].changed, plan.steps[0].disagreeing) == (changed, disagreeing)


def test_each_language_of_a_text_is_decided_on_by_itself():
    said = state(titles={"en": "Workshop", "fr": "Atelier"})
    ours = state(titles={"en": "Workshop", "fr": "L'atelier d'Ana"})
    now = state(titles={"en": "Training", "fr": "Cours"})
    (step,) = run({"a": now}, [Remembered("a", ONE, said)], {ONE: Known(ours)}).steps
    assert (step.changed, step.disagreeing) == (("titles",), ("titles",))
    assert step.wanted(ours)["titles"] == {"en": "Training", "fr": "L'atelier d'Ana"}
    kept = [Remembered("a", ONE, now, {"titles": {"titles": now["titles"]}})]
    ours = {**ours, "titles": {"en": "Training", "fr": "L'atelier d'Ana"}}
    assert run({"a": now}, kept, {ONE: Known(ours)}).steps[0].disagreeing == ()


def test_a_language_that_a_person_added_stays_when_the_source_changes_the_title():
    have = {"titles": {"en": "Workshop", "ar": "ورشة"}}
    assert taken("titles", {"titles": {"en": "Training"}}, have) == {"titles": {"en": "Training", "ar": "ورشة"}}


def test_a_person_who_kept_ours_is_not_asked_again_until_the_source_says_something_new():
    kept = {"span": {"span": ["2027-03-08", "2027-03-08"]}}
    have = {ONE: Known(state())}
    again = run({"a": state(day="2027-03-08")}, [Remembered("a", ONE, state(day="2027-03-08"), kept)], have)
    assert again.steps[0].disagreeing == ()
    other = run({"a": state(day="2027-03-09")}, [Remembered("a", ONE, state(day="2027-03-08"), kept)], have)
    assert other.steps[0].disagreeing == ("span",)


def test_what_a_source_leaves_out_once_is_still_what_it_said_last():
    hall, room = state(venue="Hall"), state(venue="Room")
    calendar = {ONE: Known(hall)}
    (step,) = run({"a": state()}, [Remembered("a", ONE, hall)], calendar).steps
    assert (step.changed, step.disagreeing, spoken(step.said)) == ((), (), state())
    (step,) = run({"a": room}, [Remembered("a", ONE, step.said)], calendar).steps
    assert (step.changed, step.disagreeing, step.said) == (("venue",), (), room)


def test_on_what_a_source_is_silent_it_does_not_disagree():
    (step,) = run({"a": state()}, [Remembered("a", ONE, state(venue="Hall"))], {ONE: Known(state(venue="Hall"))}).steps
    ours = {ONE: Known(state(venue="Room"))}
    (again,) = run({"a": spoken(step.said)}, [Remembered("a", ONE, step.said)], ours).steps
    assert (again.disagreeing, again.said) == ((), step.said)


def test_a_source_that_lost_its_zone_moves_nothing():
    before = state(start_time="09:00", end_time="10:00", timezone="America/New_York")
    now = Said("a", {**before, "timezone": "Europe/Zurich"}, zone_is_guessed=True)
    plan = decide(Feed([now]), [Remembered("a", ONE, before)], {ONE: Known(before)}, {}, is_direct=True)
    assert (plan.steps[0].act, plan.steps[0].said["timezone"]) == (Act.LEAVE, "America/New_York")


ENDS = {
    "an event to come": ({}, Act.CANCEL),
    "an event that is over": ({"is_over": True}, None),
    "an event that another source knows": ({"others": True}, None),
    "an event that a person rejected": ({"is_dead": True}, None),
    "an event of another steward": ({"is_ours": False}, Act.PROPOSE),
}


@pytest.mark.parametrize("case", ENDS)
def test_what_vanishes_is_called_off_only_if_this_source_alone_knew_it_and_it_is_to_come(case):
    values, act = ENDS[case]
    others = [Remembered(str(n), uuid.UUID(int=n), state(f"Meeting {n}")) for n in range(2, 9)]
    calendar = {item.event_id: Known(item.said) for item in others} | {ONE: Known(state(), **values)}
    plan = run({item.uid: item.said for item in others}, [Remembered("a", ONE, state()), *others], calendar)
    assert acts(plan).get("a") == act
    assert not plan.is_in_doubt


@pytest.mark.parametrize(("count", "gone", "in_doubt"), [(10, 3, False), (10, 4, True), (3, 1, True), (100, 30, False)])
def test_with_more_than_thirty_per_cent_gone_nothing_is_removed(count, gone, in_doubt):
    before = [Remembered(f"u{n}", uuid.UUID(int=n), state(f"Meeting {n}")) for n in range(1, count + 1)]
    plan = run({i.uid: i.said for i in before[gone:]}, before, {i.event_id: Known(i.said) for i in before})
    assert plan.is_in_doubt == in_doubt
    assert sum(act is Act.CANCEL for act in acts(plan).values()) == (0 if in_doubt else gone)
    assert len(plan.missing) == (gone if in_doubt else 0)


def test_what_waits_for_an_answer_is_not_called_off_when_the_rest_comes_back():
    before = [Remembered(f"u{n}", uuid.UUID(int=n), state(f"Meeting {n}"), is_missing=n == 1) for n in range(1, 11)]
    plan = run({i.uid: i.said for i in before[1:]}, before, {i.event_id: Known(i.said) for i in before})
    assert (plan.missing, plan.gone, acts(plan).get("u1")) == (("u1",), (), None)


def test_a_new_id_is_that_of_an_event_that_vanished_now_before_one_that_is_settled_as_gone():
    before = [Remembered("a", ONE, state(), is_gone=True), Remembered("b", TWO, state())]
    plan = run({"c": state()}, before, {ONE: Known(state()), TWO: Known(state())})
    assert [(step.was_uid, step.event_id) for step in plan.steps] == [("b", TWO)]


def test_what_could_not_be_read_is_not_gone():
    before = [Remembered(f"u{n}", uuid.UUID(int=n), state(f"Meeting {n}")) for n in range(1, 11)]
    calendar = {item.event_id: Known(item.said) for item in before}
    now = {item.uid: item.said for item in before[1:]}
    assert not run(now, before, calendar, unread=frozenset({"u1"})).gone
    assert not run(now, before, calendar, is_whole=False).gone
    assert run(now, before, calendar).gone == ("u1",)


def test_all_ids_anew_are_the_same_events():
    before = [Remembered(f"u{n}", uuid.UUID(int=n), state(f"Meeting {n % 3}")) for n in range(1, 11)]
    calendar = {item.event_id: Known(item.said) for item in before}
    plan = run({f"new-{item.uid}": item.said for item in before}, before, calendar)
    assert set(acts(plan).values()) == {Act.LEAVE}
    assert {step.event_id for step in plan.steps} == set(calendar)
    assert not plan.gone
    assert not plan.missing


def test_a_sure_match_is_joined_and_disagrees_where_ours_says_otherwise():
    plan = run({"a": state(city="Rome")}, (), {ONE: Known(state(day="2027-03-02"))}, {"a": Match((ONE,), sure=True)})
    step = plan.steps[0]
    assert (step.act, step.event_id, step.changed, step.disagreeing) == (Act.JOIN, ONE, ("city",), ("span",))


JOINS = {
    "a source that is believed": ({}, True, False),
    "a moderated source, of a published event": ({}, False, True),
    "a moderated source, of an event that waits itself": ({"is_waiting": True}, False, False),
}


@pytest.mark.parametrize("case", JOINS)
def test_what_a_joined_event_lacks_is_filled_in_only_where_the_source_may_change_it(case):
    known, is_direct, waits = JOINS[case]
    said, match = {"a": state(city="Rome")}, {"a": Match((ONE,), sure=True)}
    (step,) = run(said, (), {ONE: Known(state(), **known)}, match, is_direct=is_direct).steps
    assert (step.act, step.changed, step.waits) == (Act.JOIN, ("city",), waits)


def test_two_items_of_one_source_are_never_joined_to_one_event():
    match = Match((ONE,), sure=True)
    plan = run({"a": state(), "b": state()}, (), {ONE: Known(state())}, {"a": match, "b": match})
    assert acts(plan) == {"a": Act.JOIN, "b": Act.ASK}


def test_an_unsure_match_is_asked_about_and_none_is_created():
    plan = run({"a": state(), "b": state("Other")}, (), {}, {"a": Match((ONE, TWO), sure=False)})
    assert acts(plan) == {"a": Act.ASK, "b": Act.CREATE}


def test_a_moderated_source_proposes():
    plan = run({"a": state(day="2027-03-08")}, [Remembered("a", ONE, state())], {ONE: Known(state())}, is_direct=False)
    assert acts(plan) == {"a": Act.PROPOSE}


# (what a moderated source proposed, what it said last, what it says now, what is proposed now, how)
PROPOSED = {
    "it moves once more": (
        state(day="2027-03-08"), state(day="2027-03-08"), state(day="2027-03-15"), ("span",), Act.PROPOSE,
    ),
    "it says something else besides": (
        state(day="2027-03-08"), state(day="2027-03-08"), state(day="2027-03-08", venue="Hall"), ("span", "venue"),
        Act.PROPOSE,
    ),
    "it says the same": (
        state(day="2027-03-08"), state(day="2027-03-08"), state(day="2027-03-08"), ("span",), Act.LEAVE,
    ),
    "it goes back": (state(day="2027-03-08"), state(day="2027-03-08"), state(), (), Act.LEAVE),
}  # fmt: skip


@pytest.mark.parametrize("case", PROPOSED)
def test_what_nobody_has_decided_on_is_proposed_anew_together(case):
    proposed, before, now, changed, act = PROPOSED[case]
    days = {name: proposed[name] for name in UNITS["span"]}
    known = {ONE: Known(state(), proposed=days)}
    (step,) = run({"a": now}, [Remembered("a", ONE, before)], known, is_direct=False).steps
    assert (step.changed, step.act, step.disagreeing) == (changed, act, ())


def test_what_a_person_kept_is_not_proposed_again():
    now = state(day="2027-03-08")
    days = {name: now[name] for name in UNITS["span"]}
    before = [Remembered("a", ONE, now, {"span": days})]
    (step,) = run({"a": now}, before, {ONE: Known(state(), proposed=days)}, is_direct=False).steps
    assert (step.act, step.changed, step.disagreeing) == (Act.LEAVE, (), ())


@dataclass
class Kept:
    """An event of the calendar of the game, and what a person corrected in it."""

    state: dict
    corrected: dict = field(default_factory=dict)


names = st.integers(0, 5)
days = st.integers(1, 28).map(lambda day: f"2027-03-{day:02}")


class Game(RuleBasedStateMachine):
    """A source and people change what they have, in any order, and the source is harvested."""

    def __init__(self) -> None:
        super().__init__()
        self.feed: dict[str, dict] = {}
        # Which thing of the real world an id stands for: an id that changes still means the same.
        self.things: dict[str, int] = {}
        self.calendar: dict[uuid.UUID, Kept] = {}
        self.items: dict[str, Remembered] = {}
        self.came: dict[uuid.UUID, int] = {}
        self.count = 0
        self.generation = 0
        self.harvested = True

    @rule(day=days)
    def source_adds(self, day):
        self.count += 1
        uid = f"{self.generation}-{self.count}"
        self.feed[uid], self.things[uid] = state(f"Meeting number {self.count}", day), self.count
        self.harvested = False

    @rule(n=names)
    def source_drops(self, n):
        if uids := sorted(self.feed):
            del self.feed[uids[n % len(uids)]]
            self.harvested = False

    @rule(n=names, day=days, status=st.sampled_from(["confirmed", "tentative", "cancelled"]))
    def source_changes(self, n, day, status):
        if uids := sorted(self.feed):
            uid = uids[n % len(uids)]
            self.feed[uid] = {**self.feed[uid], "span": [day, day], "status": status}
            self.harvested = False

    @rule()
    def source_empties(self):
        self.feed = {}
        self.harvested = False

    @rule()
    def source_gives_all_ids_anew(self):
        # Together with changes of the same moment nobody could know the events again.
        if self.harvested:
            self.generation += 1
            self.feed = {f"{self.generation}-{self.things[uid]}": said for uid, said in self.feed.items()}
            self.things = {f"{self.generation}-{thing}": thing for thing in self.things.values()}
            self.harvest()

    @rule(n=names, day=days)
    def source_moves_one_and_gives_it_another_id(self, n, day):
        self.harvest()
        if uids := sorted(self.feed):
            uid, self.count = uids[n % len(uids)], self.count + 1
            new = f"{self.generation}-moved-{self.count}"
            self.feed[new] = {**self.feed.pop(uid), "span": [day, day]}
            self.things[new] = self.things[uid]
            self.harvest()

    @rule(n=names, day=days)
    def person_corrects(self, n, day):
        if ids := sorted(self.calendar):
            kept = self.calendar[ids[n % len(ids)]]
            if kept.state["span"] != [day, day]:
                kept.state["span"] = kept.corrected["span"] = [day, day]
            # Whoever puts back what the source said last corrects nothing any more.
            if any(calls == [day, day] for calls in self._said_of(kept)):
                kept.corrected.clear()

    def _said_of(self, kept):
        return [item.said["span"] for item in self.items.values() if self.calendar[item.event_id] is kept]

    @rule()
    def harvest(self):
        calendar = {event_id: Known(dict(kept.state)) for event_id, kept in self.calendar.items()}
        items = [Said(uid, dict(said)) for uid, said in self.feed.items()]
        plan = decide(Feed(items), self.items.values(), calendar, {}, is_direct=True)
        for step in plan.steps:
            self._carry_out(step)
        for uid in (*plan.missing, *plan.gone):
            item = self.items[uid]
            self.items[uid] = Remembered(
                uid, item.event_id, item.said, is_missing=uid in plan.missing, is_gone=uid in plan.gone
            )
        self.harvested = True

    def _carry_out(self, step):
        event_id = step.event_id
        if step.act is Act.CREATE:
            event_id = uuid.uuid4()
            self.calendar[event_id] = Kept(dict(step.said))
            self.came[event_id] = self.things[step.uid]
        kept = self.calendar[event_id]
        kept.state |= step.wanted(kept.state)
        self.items.pop(step.was_uid, None)
        self.items[step.uid] = Remembered(step.uid, event_id, step.said, is_gone=step.act is Act.CANCEL)
        # What the source says too is no correction any more.
        if step.said["span"] == kept.state["span"]:
            kept.corrected.clear()

    @invariant()
    def corrections_stay(self):
        for kept in self.calendar.values():
            for name, value in kept.corrected.items():
                assert kept.state[name] == value

    @invariant()
    def nothing_is_lost_or_doubled(self):
        if not self.harvested:
            return
        events = [self.items[uid].event_id for uid in self.feed]
        assert len(set(events)) == len(events)
        for uid in self.feed:
            assert self.came[self.items[uid].event_id] == self.things[uid]
            said, have = self.feed[uid]["status"], self.calendar[self.items[uid].event_id].state["status"]
            assert said == have, "nobody but the source spoke of the status"
        assert len(self.came) == len(set(self.came.values()))


Game.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestGame = Game.TestCase


if __name__ == "__main__":
    # For longer than in a test run: `python -m tests.sources.test_reconciling 1500`.
    Game.TestCase.settings = settings(max_examples=int(sys.argv[1]), stateful_step_count=40, deadline=None)
    Game.TestCase("runTest").runTest()
