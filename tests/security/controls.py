"""The controls that are taken out one by one, and the tests that must miss them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Control:
    """A piece of code that protects something, what is left without it, and the tests that notice."""

    name: str
    file: str
    code: str
    without: str
    tests: tuple[str, ...]


_MATRIX = "tests/web/test_access_matrix.py"
CONTROLS = (
    Control(
        "what is not public is hidden from strangers",
        "calendar_app/services/calendar.py",
        "public = and_(published, Event.visibility == Visibility.PUBLIC)",
        "public = published",
        ("tests/services/test_visibility.py::test_a_stranger_meets_nothing_that_is_not_public[sqlite]",),
    ),
    Control(
        "internal fields are shown to members of the steward alone",
        "calendar_app/services/access.py",
        "return person is not None and event.steward_code in person.roles",
        "return person is not None",
        ("tests/work/test_history.py::test_members_of_others_read_no_internal_field_and_nothing_of_the_time_before",),
    ),
    Control(
        "only the steward's coordinators decide",
        "calendar_app/services/access.py",
        "return event.steward_code in person.deciding",
        "return bool(person.deciding)",
        (f"{_MATRIX}::test_each_route_answers_each_person_as_written[other coordinator-sqlite]",),
    ),
    Control(
        "a form needs its token",
        "calendar_app/factory.py",
        "    csrf.init_app(app)\n",
        "    app.jinja_env.globals['csrf_token'] = str\n",
        (f"{_MATRIX}::test_no_form_is_taken_without_its_token[sqlite]",),
    ),
    Control(
        "the content security policy",
        "calendar_app/web/headers.py",
        'headers.setdefault("Content-Security-Policy", _POLICY)',
        "pass",
        (f"{_MATRIX}::test_every_answer_carries_the_headers_that_protect_it[sqlite]",),
    ),
    Control(
        "pages of one person are kept nowhere",
        "calendar_app/web/headers.py",
        '        headers["Cache-Control"] = "no-store"\n',
        "        pass\n",
        ("tests/accounts/test_sign_in.py::test_pages_of_signed_in_people_and_of_signing_in_are_kept_nowhere",),
    ),
    Control(
        "rights that need a second step wait for it",
        "calendar_app/web/guards.py",
        "return needs_second_step(someone) and not someone.tf_totp_secret",
        "return False",
        ("tests/accounts/test_two_step.py::TestOutsideDevelopment",),
    ),
    Control(
        "an authenticator's code is accepted once",
        "calendar_app/extensions.py",
        "        user.totp_last_counter = tmatch.counter\n",
        "        pass\n",
        ("tests/accounts/test_two_step.py::test_a_code_is_accepted_once",),
    ),
    Control(
        "an unknown address costs a hash too",
        "calendar_app/web/accounts/sign_in.py",
        "right = verify_password(typed, hashed or _nobodys_password())",
        "right = bool(hashed) and verify_password(typed, hashed)",
        ("tests/accounts/test_sign_in.py::test_a_hash_is_computed_once_whether_the_account_exists_or_not",),
    ),
    Control(
        "a browser that was signed out is a stranger's",
        "calendar_app/web/accounts/identity.py",
        '    found = sign_ins.who(db.session(), session.get(_ROW, ""), uniquifier, clock.now())\n',
        "    account = db.session.query(Account).filter_by(fs_uniquifier=uniquifier).first()\n"
        "    return account\n"
        '    found = sign_ins.who(db.session(), session.get(_ROW, ""), uniquifier, clock.now())\n',
        ("tests/accounts/test_sign_in.py::test_a_signed_cookie_without_a_row_is_a_strangers",),
    ),
    Control(
        "signing in cannot be tried at will",
        "calendar_app/web/accounts/limits.py",
        "answer: Callable[P, R] = wraps(view)(limited)",
        "answer: Callable[P, R] = view",
        ("tests/accounts/test_limits.py",),
    ),
    Control(
        "no cell of an export is a formula",
        "calendar_app/services/sheets.py",
        r"""_FORMULA = re.compile(r"^'*[=+\-@\t]")""",
        """_FORMULA = re.compile("^(?!)")""",
        ("tests/services/test_importing.py::test_a_spreadsheet_program_finds_no_formula_in_an_export",),
    ),
    Control(
        "a closed account has no private feeds",
        "calendar_app/services/private_feeds.py",
        "PrivateFeed.token_digest == digest, Account.active)",
        "PrivateFeed.token_digest == digest)",
        ("tests/web/test_private_feeds.py::test_closing_an_account_ends_its_addresses_for_good",),
    ),
    Control(
        "a private feed is its owner's alone",
        "calendar_app/services/private_feeds.py",
        "PrivateFeed.id == feed_id, PrivateFeed.account_id == account_id)",
        "PrivateFeed.id == feed_id)",
        ("tests/web/test_private_feeds.py::test_addresses_of_others_are_neither_listed_nor_reached",),
    ),
    Control(
        "a private feed gives what its owner sees now",
        "calendar_app/web/feeds/private.py",
        "viewer = owner.viewer if owner else calendar.STRANGER",
        "viewer = calendar.OPERATOR",
        ("tests/web/test_private_feeds.py::test_it_gives_what_the_owner_sees_and_says_what_is_not_public",),
    ),
)
