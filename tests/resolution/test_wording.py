"""The sentences for the commonest refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.discovery.repository import Repository, scan
from host.resolution.answer import resolution_json
from host.resolution.resolve import resolve
from host.vocabulary.errors import Cause, ResolutionFailed
from host.vocabulary.manifest import Manifest
from tests.resolution.made_manifests import made


def refusal(*manifests: Manifest, wanted: dict[str, str]) -> ResolutionFailed:
    with pytest.raises(ResolutionFailed) as caught:
        resolve(Repository.of(manifests), wanted)
    assert str(caught.value).count("\n") < 5
    return caught.value


def test_a_misspelled_name_is_met_with_the_nearest() -> None:
    refused = refusal(made("advanced_chat 1.0.0"), wanted={"advanced_caht": "*"})
    assert refused.kind == "missing"
    assert str(refused) == (
        "add 'advanced_caht' to a folder of modules, or did you mean 'advanced_chat'?\nadvanced_caht * (asked for)"
    )


def test_a_name_that_nothing_resembles_is_said_to_be_nobodys() -> None:
    refused = refusal(made("advanced_chat 1.0.0"), wanted={"zebra": "*"})
    assert str(refused).startswith("add 'zebra' to a folder of modules: no module is called that")


def test_a_missing_dependency_is_told_with_its_whole_chain() -> None:
    manifests = made("chat 1.0.0", {"http": "*"}), made("http 1.0", {"socket": "^1"})
    refused = refusal(*manifests, wanted={"chat": "*"})
    assert str(refused).splitlines()[1] == "chat 1.0.0 (asked for) -> http 1.0 -> socket ^1"
    assert refused.causes == (Cause("socket", "^1", "http 1.0"),)


def test_a_module_whose_manifest_is_broken_is_not_called_missing(tmp_path: Path) -> None:
    folder = tmp_path / "core" / "state"
    folder.mkdir(parents=True)
    (folder / "module.toml").write_text('name = "state"\n')
    with pytest.raises(ResolutionFailed) as caught:
        resolve(scan([tmp_path]), {"state": "*"})
    assert str(caught.value).startswith(f"mend {folder / 'module.toml'}: state is there, but cannot be used")


def test_a_pre_release_that_alone_would_do_is_named_with_how_to_ask_for_it() -> None:
    manifests = made("chat 1.0", {"state": ">=1"}), made("state 1.0", {"ghost": "*"}), made("state 2.0.0b1")
    refused = refusal(*manifests, wanted={"chat": "*"})
    assert str(refused).splitlines()[0] == (
        "ask for state==2.0.0b1 too, a pre-release that would do, "
        "or add 'ghost' to a folder of modules: no module is called that"
    )
    assert refused.prereleases == {"state": "2.0.0b1"}
    plan = resolve(Repository.of(manifests), {"chat": "*", "state": "==2.0.0b1"})
    assert [str(step) for step in plan.order] == ["state 2.0.0b1", "chat 1.0"]


def test_a_pre_release_that_would_not_do_either_is_not_offered() -> None:
    manifests = (
        made("chat 1.0", {"state": ">=1"}),
        made("state 1.0", {"ghost": "*"}),
        made("state 2.0b1", {"ghost": "*"}),
    )
    assert str(refusal(*manifests, wanted={"chat": "*"})).startswith("add 'ghost' to a folder")


def test_where_no_version_fits_those_there_are_are_named() -> None:
    refused = refusal(made("chat 1.0", {"state": "^2"}), made("state 1.0"), made("state 1.1"), wanted={"chat": "*"})
    assert refused.kind == "missing"
    assert str(refused) == (
        "add a version of state that is ^2, or ask for one there is: 1.1, 1.0\nchat 1.0 (asked for) -> state ^2"
    )


def test_a_conflict_tells_each_requirement_with_its_chain() -> None:
    left, right = made("a 1.0", {"state": "^1"}), made("b 1.0", {"x": "*"})
    refused = refusal(
        left, right, made("x 1.0", {"state": "^2"}), made("state 1.0"), made("state 2.0"), wanted={"a": "*", "b": "*"}
    )
    assert refused.kind == "conflict"
    assert str(refused).splitlines() == [
        "change one of these: no version of state satisfies them all; there are 2.0, 1.0",
        "a 1.0 (asked for) -> state ^1",
        "b 1.0 (asked for) -> x 1.0 -> state ^2",
    ]


def test_modules_that_declare_a_conflict_are_told_as_such() -> None:
    refused = refusal(made("a 1.0", conflicts={"b": "*"}), made("b 1.0"), wanted={"a": "*", "b": "*"})
    assert refused.kind == "conflict"
    assert str(refused).splitlines()[1:] == ["b * (asked for)", "a 1.0 (asked for) conflicts with b *"]


def test_a_cycle_is_named_and_so_are_the_others_smallest_first() -> None:
    manifests = (
        *(made("a 1.0", {"b": "*"}), made("b 1.0", {"c": "*"}), made("c 1.0", {"a": "*", "d": "*"})),
        made("d 1.0", {"c": "*"}),
    )
    refused = refusal(*manifests, wanted={"a": "*"})
    assert refused.kind == "cycle"
    assert refused.cycles == (("c", "d"), ("a", "b", "c"))
    assert str(refused).splitlines() == [
        "remove one of these dependencies: c -> d -> c is a cycle, and none of it can load first",
        "a -> b -> c -> a",
    ]


def test_a_module_for_another_host_is_told_with_both_versions() -> None:
    refused = refusal(made("a 1.0", host=">=2"), made("a 2.0", host=">=3"), wanted={"a": "*"})
    assert refused.kind == "conflict"
    assert str(refused).startswith(
        "get a version of a for this host, which is 1.0.0: 2.0 needs host >=3, 1.0 needs host >=2"
    )


def test_a_version_that_is_there_but_for_another_host_is_not_to_be_added() -> None:
    refused = refusal(made("a 1.0"), made("a 2.0", host=">=3"), wanted={"a": "^2"})
    assert refused.kind == "conflict"
    assert str(refused).splitlines() == [
        "get a version of a for this host, which is 1.0.0, or ask for one there is (1.0): 2.0 needs host >=3",
        "a ^2 (asked for)",
    ]


def test_a_version_for_another_host_that_would_not_fit_either_is_mentioned() -> None:
    refused = refusal(made("a 1.0"), made("a 2.0", host=">=3"), wanted={"a": "^4"})
    assert str(refused).startswith("add a version of a that is ^4")
    assert str(refused).endswith("for other hosts: 2.0 needs host >=3")


def test_the_nearest_name_is_not_that_of_the_asker() -> None:
    refused = refusal(made("mapp 1.0", {"map": "*"}), made("maps 1.0"), wanted={"mapp": ""})
    assert str(refused).splitlines()[0] == "add 'map' to a folder of modules, or did you mean 'maps'?"


def test_requirements_that_rule_nothing_out_are_not_told() -> None:
    chat, theme, lax = (
        made("chat 1.0", {"state": "<2"}),
        made("theme 1.0", {"state": ">=2"}),
        made("lax 1.0", {"state": "*"}),
    )
    refused = refusal(
        chat, theme, lax, made("state 1.0"), made("state 2.0"), wanted={"chat": "", "lax": "", "theme": ""}
    )
    assert [cause.wanted_by for cause in refused.causes] == ["chat 1.0", "theme 1.0"]


def test_where_cycles_were_not_all_collected_the_rest_is_at_least_so_many() -> None:
    names = "abcdefghi"
    knot = [made(f"{name} 1.0", {other: "*" for other in names if other != name}) for name in names]
    assert str(refusal(*knot, wanted={"a": ""})).splitlines()[-1] == "and at least 96 more"
    few = [made(f"{name} 1.0", {other: "*" for other in "abcd" if other != name}) for name in "abcd"]
    assert str(refusal(*few, wanted={"a": ""})).splitlines()[-1] == "and 16 more"


def test_many_requirements_are_told_in_five_lines() -> None:
    many = [made(f"m{at} 1.0", {"state": f"=={at}.0"}) for at in range(9)]
    refused = refusal(*many, *(made(f"state {at}.0") for at in range(9)), wanted={f"m{at}": "*" for at in range(9)})
    lines = str(refused).splitlines()
    assert len(lines) == 5
    assert lines[-1] == "and 6 more"


def test_a_plan_and_a_refusal_have_the_shape_of_the_command_line() -> None:
    plan = resolve(Repository.of([made("state 1.0")]), {"state": "*"})
    step = {"name": "state", "version": "1.0", "tier": "plugins", "path": "/modules/plugins/state/1.0"}
    assert resolution_json(plan) == {"ok": True, "order": [step], "warnings": []}
    refused = refusal(made("chat 1.0", {"state": "^2"}), made("state 1.0"), wanted={"chat": "*"})
    assert resolution_json(refused) == {
        "ok": False,
        "error": {
            "kind": "missing",
            "message": str(refused),
            "cycles": [],
            "causes": [{"module": "state", "requirement": "^2", "wanted_by": "chat 1.0"}],
            "prereleases": {},
        },
    }


def test_a_core_module_that_needs_a_plugin_is_refused_with_file_line_and_rule(tmp_path: Path) -> None:
    for tier, name, more in (("core", "base", '[dependencies]\nextra = "*"\n'), ("plugins", "extra", "")):
        folder = tmp_path / tier / name
        folder.mkdir(parents=True)
        (folder / "module.toml").write_text(f'name = "{name}"\nversion = "1.0"\n{more}')
    with pytest.raises(ResolutionFailed) as caught:
        resolve(scan([tmp_path]), {"base": "*"})
    assert str(caught.value).splitlines()[0] == (
        f"mend {tmp_path / 'core/base/module.toml'}: base is there, but cannot be used (module.toml:4: "
        "dependencies.extra: extra is one of the plugins, and a core module needs core modules alone; "
        "move one of them, or let extra need base)"
    )


def test_a_version_that_would_fit_and_cannot_be_used_is_to_be_mended(tmp_path: Path) -> None:
    """It was said that there was none."""
    for name, version, more in (
        ("aa", "1.0.0", ""),
        ("aa", "2.0.0", "verzion = 1\n"),
        ("bb", "1", '[dependencies]\naa = "^2"'),
        ("cc", "1", '[conflicts]\naa = "<2"'),
    ):
        folder = tmp_path / "plugins" / name / version
        folder.mkdir(parents=True)
        (folder / "module.toml").write_text(f'name = "{name}"\nversion = "{version}"\n{more}')
    with pytest.raises(ResolutionFailed) as caught:
        resolve(scan([tmp_path]), {"bb": "*"})
    first = str(caught.value).splitlines()[0]
    faulty = tmp_path / "plugins/aa/2.0.0/module.toml"
    assert first.startswith(f"mend {faulty}, a version of aa that cannot be used (module.toml:3: verzion: ")
    assert first.endswith("or add a version of aa that is ^2, or ask for one there is: 1.0.0")
    with pytest.raises(ResolutionFailed, match=r"one more cannot be used: .*verzion"):
        resolve(scan([tmp_path]), {"aa": "*", "cc": "*"})


def test_modules_that_are_missing_are_all_named() -> None:
    """Only the first was, and the next one after that was there."""
    manifests = made("chat 1.0.0", {"http": "*", "sprites": "^1"}), made("http 1.0", {"socket": "*"})
    refused = refusal(*manifests, wanted={"chat": "*"})
    assert str(refused).splitlines() == [
        "add 'socket' to a folder of modules: no module is called that: chat 1.0.0 (asked for) -> http 1.0 -> socket *",
        "add 'sprites' to a folder of modules: no module is called that: chat 1.0.0 (asked for) -> sprites ^1",
    ]
    many = refusal(made("chat 1.0.0", {f"gone{at}": "*" for at in range(9)}), wanted={"chat": "*"})
    assert str(many).splitlines()[-1] == "and 5 more"
    assert len(many.causes) == 9


def test_an_optional_need_is_not_told_as_one_that_must_be() -> None:
    manifests = made("chat 1.0.0", optional={"state": "^2"}), made("state 1.0.0")
    refused = refusal(*manifests, wanted={"chat": "*", "state": "*"})
    assert "chat 1.0.0 (asked for) -> state ^2 (optional)" in str(refused).splitlines()


@pytest.mark.parametrize("name", ["chat1.2.3", "chat@1.2.3", "chatv1.2.3"])
def test_a_version_that_stands_together_with_its_name_is_told_how_to_be_written(name: str) -> None:
    refused = refusal(made("chat 1.2.3"), made("cha 1.0"), wanted={name: "*"})
    assert str(refused).startswith(
        "write chat==1.2.3, with a comparison between name and version: no module is called "
    )
