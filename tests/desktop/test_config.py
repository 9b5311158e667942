"""The settings form: made from the schema, judged by the engine's own rules, and nothing is lost in it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton

from host.desktop.form.field import ABSENT, Field, Spot
from host.desktop.form.nested import made_field
from host.desktop.panels.config import _Names
from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.vocabulary.errors import HostError
from host.vocabulary.settings import SettingFault
from host.vocabulary.states import Status
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["rooms"],
    "additionalProperties": False,
    "$defs": {"room": {"type": "object", "properties": {"name": {"type": "string"}, "loud": {"type": "boolean"}}}},
    "properties": {
        "greeting": {"type": "string", "title": "Greeting", "description": "Said at the door.", "default": "hello"},
        "secret": {"type": "string", "format": "password"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 9},
        "loud": {"type": "boolean", "default": True},
        "colour": {"enum": ["red", 3, None]},
        "rooms": {"type": "array", "items": {"$ref": "#/$defs/room"}, "minItems": 1},
        "target": {
            "oneOf": [
                {
                    "title": "File",
                    "type": "object",
                    "required": ["kind"],
                    "properties": {"kind": {"const": "file"}, "path": {"type": "string"}},
                },
                {"title": "Port", "type": "integer", "maximum": 65535},
            ]
        },
        "both": {"allOf": [{"type": "string"}, {"maxLength": 3}]},
        "odd": {"type": ["string", "null"]},
    },
}
SETTINGS: dict[str, Any] = {
    "greeting": "hi", "secret": "s", "limit": 4, "loud": False, "colour": 3,
    "rooms": [{"name": "a", "loud": True}, {"name": "b"}], "target": {"kind": "file", "path": "/p"}, "both": "xyz",
    "odd": None,
}  # fmt: skip


def field(schema: Any, value: Any = ABSENT, root: Any = None) -> Field:
    return made_field(
        Spot((), "Settings", root or (schema if isinstance(schema, dict) else {}), _Names()), schema, value
    )


async def shown(session: Session, stage: Stage) -> None:
    stage.schemas["chat"] = SCHEMA
    stage.settings_of["chat"] = SETTINGS
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.config"].trigger()
    await until(lambda: session.window.findChild(QLineEdit, "config.form.greeting.text"))


def fault(session: Session, place: str) -> str:
    label = found(session.window, QLabel, f"config.form.{place}.fault")
    return label.text() if label.isVisible() else ""


@pytest.mark.usefixtures("qapp")
def test_what_is_set_comes_back_as_it_was() -> None:
    assert field(SCHEMA, SETTINGS).value() == SETTINGS


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, "not a number"),
        ({"type": "boolean"}, 1),
        ({"enum": [1]}, True),
        ({"type": "string"}, {"deep": [1, {"x": None}]}),
        ({"type": "object", "properties": {}, "additionalProperties": False}, {"old": 1}),
        ({"$ref": "#/$defs/none"}, [1, 2]),
        ({"$ref": "https://example.org/schema"}, 4),
        ({"$ref": "#"}, {"x": 1}),
        ({"oneOf": [{"type": "string"}]}, 5),
        ({"type": ["string", "null"]}, None),
        ({"type": "array"}, [1, "a", None, [True]]),
        ({"type": "number"}, 1e300),
        (True, {"any": "thing"}),
        (None, 0),
    ],
)
def test_what_the_form_cannot_show_is_kept_as_json(schema: Any, value: Any) -> None:
    assert field(schema, value).value() == value
    assert type(field(schema, value).value()) is type(value)


@pytest.mark.usefixtures("qapp")
def test_nothing_is_said_of_what_nobody_set() -> None:
    assert field(SCHEMA, {}).value() == {}


def hints(form: Field) -> list[str]:
    return [line.placeholderText() for line in form.findChildren(QLineEdit)]


@pytest.mark.usefixtures("qapp")
def test_a_default_stands_there_as_it_would_be_typed_and_a_secret_one_does_not() -> None:
    schemas = {
        "text": {"type": "string", "default": 'a "b"\nc'},
        "number": {"type": "number", "default": 0.5},
        "password": {"type": "string", "format": "password", "default": "hunter2"},
        "written": {"type": "string", "writeOnly": True, "default": "hunter3"},
        "colour": {"enum": ["red", "blue"], "default": "blue"},
    }
    form = field({"type": "object", "properties": schemas, "additionalProperties": False})
    shown = hints(form)
    assert shown[:2] == ['a "b"\u21b5c', "0.5"]
    assert not any("hunter" in hint for hint in shown)
    assert [box.currentText() for box in form.findChildren(QComboBox)] == ["blue, by default"]
    assert form.value() == {}


@pytest.mark.usefixtures("qapp")
def test_items_by_default_are_shown_say_nothing_and_are_kept_when_one_is_added() -> None:
    schema = {"type": "array", "items": {"type": "string"}, "default": ["one", "two"]}
    form = field({"type": "object", "properties": {"list": schema}, "additionalProperties": False}, {})
    assert [line.text() for line in form.findChildren(QLineEdit)] == ["one", "two"]
    assert form.value() == {}
    found(form, QPushButton, "config.form.list.add").click()
    assert form.value() == {"list": ["one", "two", ""]}
    form = field({"type": "object", "properties": {"list": schema}, "additionalProperties": False}, {})
    QTest.keyClicks(form.findChildren(QLineEdit)[0], "s")
    assert form.value() == {"list": ["ones", "two"]}


@pytest.mark.usefixtures("qapp")
def test_very_many_items_by_default_are_counted_and_kept_when_one_is_added() -> None:
    schema = {"type": "array", "items": {"type": "integer"}, "default": list(range(50))}
    form = field({"type": "object", "properties": {"list": schema}, "additionalProperties": False}, {})
    assert "50 items by default" in [label.text() for label in form.findChildren(QLabel)]
    found(form, QPushButton, "config.form.list.add").click()
    assert form.value()["list"][:50] == list(range(50))


@pytest.mark.usefixtures("qapp")
def test_what_is_in_an_object_by_default_says_nothing_until_it_is_changed() -> None:
    schema = {"type": "object", "default": {"x": 1, "y": 2}, "additionalProperties": {"type": "integer"}}
    form = field({"type": "object", "properties": {"map": schema}, "additionalProperties": False}, {})
    assert form.value() == {}
    number = found(form, QLineEdit, "config.form.map.x.number")
    number.selectAll()
    QTest.keyClicks(number, "5")
    assert form.value() == {"map": {"x": 5, "y": 2}}


@pytest.mark.usefixtures("qapp")
def test_what_lies_deep_is_made_when_it_is_wanted() -> None:
    deep: dict[str, Any] = {"type": "object", "properties": {"word": {"type": "string"}}, "additionalProperties": False}
    for key in ("c", "b", "a"):
        deep = {"type": "object", "properties": {key: deep}, "additionalProperties": False}
    form = field(deep, {})
    assert form.value() == {}
    found(form, QPushButton, "config.form.a.b.c.open").click()
    QTest.keyClicks(found(form, QLineEdit, "config.form.a.b.c.word.text"), "x")
    assert form.value() == {"a": {"b": {"c": {"word": "x"}}}}


@pytest.mark.usefixtures("qapp")
def test_a_schema_that_holds_itself_ends() -> None:
    tree = {"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"type": "string"}}}
    assert field(tree, {"left": {"left": {"right": "x"}}}).value() == {"left": {"left": {"right": "x"}}}


@pytest.mark.usefixtures("qapp")
def test_a_fault_that_no_field_takes_is_shown_where_its_way_ends() -> None:
    form = field(SCHEMA, SETTINGS)
    form.show_faults([SettingFault(path=("rooms", 7, "name"), message="is odd"), SettingFault(path=(), message="all")])
    texts = [label.text() for label in form.findChildren(QLabel) if label.objectName().endswith("fault")]
    assert "7: name: is odd" in texts
    assert "all" in texts


@in_window
async def test_each_fault_stands_under_its_field_while_it_is_typed(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    limit = found(session.window, QLineEdit, "config.form.limit.number")
    limit.selectAll()
    QTest.keyClicks(limit, "12")
    await until(lambda: "maximum of 9" in fault(session, "limit"))
    assert fault(session, "greeting") == ""
    limit.selectAll()
    QTest.keyClicks(limit, "many")
    await until(lambda: "'many' is not of type 'integer'" in fault(session, "limit"))
    assert found(session.window, Plain, "config.message").text() == "1 to mend before this can be applied."
    found(session.window, QPushButton, "config.revert").click()
    assert found(session.window, QLineEdit, "config.form.limit.number").text() == "4"


@in_window
async def test_what_was_changed_by_hand_is_applied(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    found(session.window, QCheckBox, "config.form.loud.check").click()
    colour = found(session.window, QComboBox, "config.form.colour.choice")
    colour.setFocus()
    QTest.keyClick(colour, Qt.Key.Key_Up)
    found(session.window, QPushButton, "config.form.rooms.1.up").click()
    found(session.window, QPushButton, "config.form.rooms.add").click()
    found(session.window, QPushButton, "config.apply").click()
    rooms = [{"name": "b"}, {"name": "a", "loud": True}, {}]
    wanted = SETTINGS | {"loud": True, "colour": "red", "rooms": rooms}
    await until(lambda: ("configure", "chat", wanted) in stage.asked)
    await until(lambda: found(session.window, Plain, "config.message").text().startswith("Applied"))


@in_window
async def test_a_refusal_is_told_and_what_was_typed_stays(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    stage.refusal = HostError("chat refused it; nothing was changed")
    greeting = found(session.window, QLineEdit, "config.form.greeting.text")
    greeting.selectAll()
    QTest.keyClicks(greeting, "ahoy")
    found(session.window, QPushButton, "config.apply").click()
    await until(lambda: "chat refused it" in found(session.window, Plain, "config.message").text())
    assert greeting.text() == "ahoy"


@in_window
async def test_json_and_form_are_two_sides_and_what_is_no_json_stays(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    found(session.window, QPushButton, "config.as_json").click()
    text = found(session.window, QPlainTextEdit, "config.text")
    assert '"greeting": "hi"' in text.toPlainText()
    text.setPlainText("{ half")
    found(session.window, QPushButton, "config.as_json").click()
    assert text.isVisible()
    assert text.toPlainText() == "{ half"
    text.setPlainText('{"greeting": "moin", "rooms": []}')
    await until(lambda: "rooms" in found(session.window, Plain, "config.message").text())
    found(session.window, QPushButton, "config.as_json").click()
    assert found(session.window, QLineEdit, "config.form.greeting.text").text() == "moin"


@in_window
async def test_another_shape_has_its_own_field(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    shape = found(session.window, QComboBox, "config.form.target.shape")
    assert shape.currentText() == "File"
    shape.setFocus()
    QTest.keyClick(shape, Qt.Key.Key_Down)
    port = next(each for each in session.window.findChildren(QLineEdit) if each.accessibleName() == "target")
    QTest.keyClicks(port, "70000")
    labels = session.window.findChildren(QLabel)
    await until(lambda: any("maximum of 65535" in label.text() for label in labels if label.isVisible()))


@in_window
async def test_a_password_is_hidden_and_a_module_that_does_not_run_says_what_to_do(
    session: Session, stage: Stage
) -> None:
    await shown(session, stage)
    secret = found(session.window, QLineEdit, "config.form.secret.text")
    assert secret.echoMode() is QLineEdit.EchoMode.Password
    stage.change("chat", status=Status.UNLOADED)
    await until(lambda: found(session.window, Plain, "config.message").text() == "Load chat to see its settings.")


@in_window
async def test_a_new_version_brings_its_schema_and_what_was_typed_stays(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    greeting = found(session.window, QLineEdit, "config.form.greeting.text")
    greeting.selectAll()
    QTest.keyClicks(greeting, "ahoy")
    stage.schemas["chat"] = {**SCHEMA, "properties": {**SCHEMA["properties"], "fresh": {"type": "string"}}}
    stage.change("chat", version="2.0.0")
    await until(lambda: session.window.findChild(QLineEdit, "config.form.fresh.text"))
    new = [each for each in session.window.findChildren(QLineEdit) if each.accessibleName() == "Greeting"]
    assert "ahoy" in [each.text() for each in new]


@in_window
async def test_every_control_of_a_form_has_two_names_of_its_own(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    kinds = (QLineEdit, QCheckBox, QComboBox, QPushButton, QPlainTextEdit)
    controls = [
        each
        for kind in kinds
        for each in session.window.findChildren(kind)
        if each.objectName().startswith("config.") and each.isVisible()
    ]
    assert len(controls) > 20
    assert len({each.objectName() for each in controls}) == len(controls)
    assert [each.objectName() for each in controls if not each.accessibleName()] == []
