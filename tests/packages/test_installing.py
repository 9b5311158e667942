"""A package is installed whole, as its user allows, or nothing happens."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from host.packages import installing, trash
from host.packages.installing import Ground, Terms, inspected, open_package, restore, to_uninstall, uninstall
from host.packages.placing import STAGE, exchanged
from host.packages.signing import fingerprint
from host.packages.trash import KEPT, TRASH_NAME, Trash
from host.storage import open_store
from host.storage.opening import DATABASE_NAME
from host.vocabulary.errors import HostError, ModuleUnknown, NotInstalled, NotUninstalled, PackageInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.permission import Grant
from tests.discovery.module_folders import write_module
from tests.packages import parcels
from tests.packages.parcels import ANY, FILES, digests, made, now, put, read, signer, zipped

STRICT = Terms()


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with parcels.ground(tmp_path / "here") as found:
        yield found


def refusal(data: bytes, ground: Ground, terms: Terms = STRICT, tier: Tier = Tier.PLUGINS) -> NotInstalled:
    before = digests(ground.root)
    with pytest.raises(NotInstalled) as refused:
        installing.install(read(data, ground.root, tier), now(ground), terms, "m.zip")
    assert digests(ground.root) == before
    assert left(ground) == []
    return refused.value


def failing(*_given: Path) -> NoReturn:
    raise OSError(errno.ENODEV, "No such device")


def failing_to(place: Path) -> Callable[[Path, Path], Path]:
    """A rename that fails only to one place."""
    rename = Path.rename

    def renamed(self: Path, target: Path) -> Path:
        return failing() if target == place else rename(self, target)

    return renamed


def left(ground: Ground) -> list[Path]:
    return list(ground.root.glob(f"{STAGE}*"))


def test_what_was_packed_is_what_is_installed(ground: Ground, tmp_path: Path) -> None:
    done = put(made(tmp_path, signer()), ground)
    assert done.place == str(ground.root / "plugins/m/1.0.0")
    assert digests(Path(done.place)) == digests(tmp_path / "plugins/m/1.0.0")
    assert [manifest.key for manifest in now(ground).repository.modules] == [("m", "1.0.0")]
    assert left(ground) == []


def test_versions_lie_side_by_side(ground: Ground, tmp_path: Path) -> None:
    for version in ("1.0.0", "2.0.0"):
        put(made(tmp_path, signer(), version), ground)
    assert [each.version for each in now(ground).repository.versions("m")] == ["2.0.0", "1.0.0"]


def test_where_it_came_from_is_remembered(ground: Ground, tmp_path: Path) -> None:
    data = made(tmp_path, signer())
    put(data, ground)
    origin = ground.store.origins.of("m", "1.0.0")
    assert origin is not None
    assert (origin.key, origin.source, origin.digest) == (signer().public, "m.zip", read(data).digest)
    assert ground.store.origins.of("m", "2.0.0") is None
    assert ground.store.origins.versions() == {("m", "1.0.0")}


def test_what_nobody_signed_needs_a_word(ground: Ground, tmp_path: Path) -> None:
    for data in (made(tmp_path, None), zipped(FILES)):
        refused = refusal(data, ground)
        assert (refused.kind, "--unsigned" in str(refused)) == ("unsigned", True)
    assert put(made(tmp_path, None), ground, Terms(unsigned=True)).signed_by == ""


def test_the_first_key_of_a_module_is_trusted_and_another_needs_a_word(ground: Ground, tmp_path: Path) -> None:
    put(made(tmp_path, signer(1)), ground, STRICT)
    put(made(tmp_path, signer(1), "1.1.0"), ground, STRICT)
    refused = refusal(made(tmp_path, signer(2), "2.0.0"), ground)
    assert refused.kind == "key"
    assert fingerprint(signer(1).public) in refused.reason
    assert fingerprint(signer(2).public) in refused.reason
    put(made(tmp_path, signer(2), "2.0.0"), ground, Terms(trust_key=True))
    assert refusal(made(tmp_path, signer(1), "3.0.0"), ground).kind == "key"


def test_a_signature_cannot_be_left_away_once_there_was_one(ground: Ground, tmp_path: Path) -> None:
    put(made(tmp_path, signer()), ground)
    assert refusal(made(tmp_path, None, "2.0.0"), ground, Terms(unsigned=True)).kind == "key"
    put(made(tmp_path, None, "2.0.0"), ground, Terms(unsigned=True, trust_key=True))
    assert ground.store.origins.trusted_key("m") == signer().public


def test_an_uninstalled_module_keeps_its_key(ground: Ground, tmp_path: Path) -> None:
    put(made(tmp_path, signer(1)), ground)
    uninstall(to_uninstall(now(ground).repository, "m", ""), ground.data, ground.store)
    assert refusal(made(tmp_path, signer(2)), ground).kind == "key"


def test_what_was_granted_stays_only_where_the_same_key_signed(ground: Ground, tmp_path: Path) -> None:
    grants, net = ground.store.grants, Grant(module="m", versions="*", permission="net", pattern="a.example:443")
    other = Grant(module="n", versions="*", permission="net", pattern="a.example:443")
    grants.replace("n", [other])

    def kept(data: bytes) -> bool:
        grants.replace("m", [net])
        view = inspected(read(data, ground.root), now(ground), Terms(unsigned=True, trust_key=True, replace=True))
        done = put(data, ground, Terms(unsigned=True, trust_key=True, replace=True))
        assert done.withdrawn == view.withdrawn
        assert other in grants.all()
        return net in grants.all()

    first, second = made(tmp_path, signer(1)), made(tmp_path, signer(1), "1.1.0")
    assert [kept(first), kept(first), kept(second)] == [False, True, True]
    assert [kept(made(tmp_path, signer(2))), kept(made(tmp_path, None)), kept(made(tmp_path, None))] == [False] * 3


def test_what_is_installed_taken_out_and_taken_back_is_audited(ground: Ground, tmp_path: Path) -> None:
    put(made(tmp_path, signer()), ground)
    gone = uninstall(to_uninstall(now(ground).repository, "m", ""), ground.data, ground.store)
    back = restore("m", "", ground.data, ground.store)
    assert (back.name, back.version, back.place) == ("m", "1.0.0", gone.place)
    rows = ground.store.audit.rows("m")
    assert [row.permission for row in rows] == ["restore", "uninstall", "install"]
    assert ground.store.audit.check().problems == ()


def test_what_the_audit_cannot_note_stands_and_says_so(ground: Ground, tmp_path: Path) -> None:
    with closing(open_store(ground.data)) as store:
        with closing(sqlite3.connect(ground.data / DATABASE_NAME)) as connection:
            connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        done = put(made(tmp_path, signer()), replace(ground, store=store))
        gone = uninstall(to_uninstall(now(ground).repository, "m", ""), ground.data, store)
        back = restore("m", "", ground.data, store)
        assert store.audit.rows("m") == ()
    assert done.unnoted == "the audit has no row of the install of m 1.0.0, which stands: disk full"
    assert "the uninstall of m 1.0.0" in gone.unnoted
    assert "the restore of m 1.0.0" in back.unnoted
    assert Path(back.place, "module.toml").exists()


def test_nothing_is_installed_among_the_core_modules(ground: Ground, tmp_path: Path) -> None:
    assert refusal(made(tmp_path, signer()), ground, ANY, Tier.CORE).kind == "core"


def test_a_version_that_is_there_is_replaced_only_when_asked_and_kept(ground: Ground, tmp_path: Path) -> None:
    done = put(made(tmp_path, signer()), ground)
    (Path(done.place) / "mine.txt").write_text("of the user")
    assert refusal(made(tmp_path, signer()), ground).kind == "there"
    done = put(made(tmp_path / "new", signer(), lua="return { init = print }\n"), ground, Terms(replace=True))
    assert not (Path(done.place) / "mine.txt").exists()
    assert (Path(done.replaced) / "mine.txt").read_text() == "of the user"
    assert "print" in (Path(done.place) / "init.lua").read_text()


def test_without_an_exchange_the_old_version_is_kept_too(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "exchanged", lambda _one, _other: False)
    put(made(tmp_path, signer()), ground)
    done = put(made(tmp_path, signer()), ground, Terms(replace=True))
    assert (Path(done.replaced) / "init.lua").exists()
    assert (Path(done.place) / "init.lua").exists()


def test_a_name_of_another_tier_is_refused(ground: Ground, tmp_path: Path) -> None:
    write_module(ground.root, "m", tier="extensions")
    assert refusal(made(tmp_path, signer()), ground).kind == "name"


def test_a_version_that_its_user_made_is_left_alone(ground: Ground, tmp_path: Path) -> None:
    write_module(ground.root, "m", "1.0")
    assert refusal(made(tmp_path, signer()), ground, Terms(replace=True)).kind == "there"


def test_a_place_that_leads_out_is_refused(ground: Ground, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (ground.root / "plugins").symlink_to(outside)
    refused = refusal(made(tmp_path, signer()), ground)
    assert "leads out" in refused.reason
    assert list(outside.iterdir()) == []
    assert ground.store.origins.versions() == frozenset()


def test_a_refusal_names_paths_as_they_are(tmp_path: Path) -> None:
    with parcels.ground(tmp_path / "HERE") as ground:
        (tmp_path / "outside").mkdir()
        (ground.root / "plugins").symlink_to(tmp_path / "outside")
        data = made(tmp_path, signer())
        assert f"{ground.root / 'plugins/m'} leads out of {ground.root};" in refusal(data, ground).reason
        assert "leads out" in inspected(read(data, ground.root), now(ground), STRICT).refused


def test_another_package_than_the_one_looked_at_is_refused(ground: Ground, tmp_path: Path) -> None:
    shown, other = (read(made(tmp_path / lua, signer(), lua=lua), ground.root) for lua in ("return {}", "return {1}"))
    with pytest.raises(NotInstalled, match="is not the package that was looked at") as refused:
        installing.install(other, ground, STRICT, "m.zip", shown.digest)
    assert refused.value.kind == "changed"
    assert digests(ground.root) == {}
    assert installing.install(shown, ground, STRICT, "m.zip", shown.digest).version == "1.0.0"


def test_what_cannot_be_remembered_is_not_installed_and_leaves_no_folders(ground: Ground, tmp_path: Path) -> None:
    with closing(open_store(ground.data)) as store:
        with closing(sqlite3.connect(ground.data / DATABASE_NAME)) as connection:
            connection.execute("CREATE TRIGGER full BEFORE INSERT ON origins BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(sqlite3.Error, match="full"):
            put(made(tmp_path, signer()), replace(ground, store=store))
    assert list(ground.root.iterdir()) == []


def test_what_cannot_be_put_back_lies_in_the_trash_with_its_origin_and_grants(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(made(tmp_path, signer()), ground)
    before = ground.store.origins.of("m", "1.0.0")
    grant = Grant(module="m", versions="*", permission="net", pattern="a.example:443")
    ground.store.grants.replace("m", [grant])
    monkeypatch.setattr(installing, "exchanged", lambda _one, _other: False)
    monkeypatch.setattr(Path, "rename", failing_to(ground.root / "plugins/m/1.0.0"))
    with pytest.raises(HostError, match=r"m 1\.0\.0 stays in the trash"):
        put(made(tmp_path, signer(2)), ground, Terms(replace=True, trust_key=True))
    assert ground.store.origins.of("m", "1.0.0") == before
    assert ground.store.grants.all() == (grant,)
    assert [each.version for each in Trash(ground.data).contents()] == ["1.0.0"]


def test_a_file_in_the_way_is_refused_and_nothing_remembered(ground: Ground, tmp_path: Path) -> None:
    (ground.root / "plugins").write_text("in the way")
    assert refusal(made(tmp_path, signer()), ground).kind == "place"
    assert ground.store.origins.versions() == frozenset()


def test_a_failure_while_the_old_one_is_put_away_leaves_it_in_force(ground: Ground, tmp_path: Path) -> None:
    done = put(made(tmp_path, signer()), ground)
    before = ground.store.origins.of("m", "1.0.0")
    grant = Grant(module="m", versions="*", permission="net", pattern="a.example:443")
    ground.store.grants.replace("m", [grant])
    (ground.data / "trash").write_text("in the way")
    newer = made(tmp_path, signer(2), lua="return { init = print }\n")
    assert refusal(newer, ground, Terms(replace=True, trust_key=True)).kind == "place"
    assert "print" not in (Path(done.place) / "init.lua").read_text()
    assert ground.store.origins.of("m", "1.0.0") == before
    assert ground.store.grants.all() == (grant,)


def test_what_a_killed_install_left_goes_in_time_and_what_another_is_at_stays(ground: Ground, tmp_path: Path) -> None:
    places = [ground.root, ground.root / "plugins", ground.root / "plugins/m"]
    for place in places:
        for name in ("old", "new"):
            (place / f"{STAGE}{name}" / "module").mkdir(parents=True)
        os.utime(place / f"{STAGE}old", (0, 0))
    put(made(tmp_path, signer()), ground)
    assert sorted(ground.root.rglob(f"{STAGE}*")) == sorted(place / f"{STAGE}new" for place in places)


def test_what_lies_behind_a_link_is_not_swept(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / f"outside/{STAGE}old").mkdir(parents=True)
    os.utime(tmp_path / f"outside/{STAGE}old", (0, 0))
    (ground.root / "mine").symlink_to(tmp_path / "outside")
    put(made(tmp_path, signer()), ground)
    assert (tmp_path / f"outside/{STAGE}old").is_dir()


def test_a_package_may_be_reached_by_a_link(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "m.zip").write_bytes(made(tmp_path, signer()))
    (tmp_path / "link.zip").symlink_to(tmp_path / "m.zip")
    assert open_package(tmp_path / "link.zip", ground.root, Tier.PLUGINS).manifest.name == "m"
    with pytest.raises(PackageInvalid, match="does not exist"):
        open_package(tmp_path / "gone.zip", ground.root, Tier.PLUGINS)
    with pytest.raises(PackageInvalid, match="is a folder"):
        open_package(tmp_path, ground.root, Tier.PLUGINS)


def test_an_inspection_says_what_comes_by_itself_and_wants_much(ground: Ground, tmp_path: Path) -> None:
    more = 'autoload = true\n[limits]\nmemory = "512 MiB"\ncall = "5 s"\n'
    view = inspected(read(made(tmp_path, signer(), more=more), ground.root), now(ground), STRICT)
    assert (view.autoload, view.memory, view.call_s, view.isolation) == (True, 512 << 20, 5.0, "process")


def test_an_inspection_says_what_an_install_would_do(ground: Ground, tmp_path: Path) -> None:
    more = '[permissions]\n"net" = ["example.com:443"]\n[dependencies]\nstate = "^1.0"\n'
    package = read(made(tmp_path, signer(), lua='return { require("state") }\n', more=more), ground.root)
    view = inspected(package, now(ground), STRICT)
    assert (view.trust, view.refused, view.plan) == ("new", "", ())
    assert "state" in view.unresolved
    assert view.permissions == {"net": ("example.com:443",)}
    write_module(ground.root, "state", "1.2.0")
    installing.install(package, now(ground), STRICT, "m.zip")
    view = inspected(package, now(ground), STRICT)
    assert (view.trust, view.plan, view.installed) == ("known", ("state 1.2.0", "m 1.0.0"), ("1.0.0",))
    assert "is there already" in view.refused
    assert inspected(package, now(ground), Terms(replace=True)).refused == ""


def test_an_uninstalled_module_can_be_taken_back(ground: Ground, tmp_path: Path) -> None:
    done = put(made(tmp_path, signer()), ground)
    before = digests(ground.root)
    gone = uninstall(to_uninstall(now(ground).repository, "m", "1.0"), ground.data, ground.store)
    assert digests(ground.root) == {}
    trash = Trash(ground.data)
    trash.take_back(trash.newest("m", ""))
    assert digests(ground.root) == before
    assert not Path(gone.kept).exists()
    assert Path(done.place).is_dir()


def test_nothing_is_taken_back_over_what_is_there(ground: Ground, tmp_path: Path) -> None:
    put(made(tmp_path, signer()), ground)
    uninstall(to_uninstall(now(ground).repository, "m", ""), ground.data, ground.store)
    put(made(tmp_path, signer()), ground)
    trash = Trash(ground.data)
    with pytest.raises(HostError, match="is there by now"):
        trash.take_back(trash.newest("m", "1.0.0"))
    with pytest.raises(HostError, match=r"no n lies in the trash, which holds m 1\.0\.0"):
        trash.newest("n", "")


def test_which_version_goes_has_to_be_said_where_there_are_several(ground: Ground, tmp_path: Path) -> None:
    for version in ("1.0.0", "2.0.0"):
        put(made(tmp_path, signer(), version), ground)
    with pytest.raises(NotUninstalled, match=r"name one: m==2\.0\.0, m==1\.0\.0"):
        to_uninstall(now(ground).repository, "m", "")
    assert to_uninstall(now(ground).repository, "m", "1.0").version == "1.0.0"
    with pytest.raises(ModuleUnknown):
        to_uninstall(now(ground).repository, "n", "")


def test_a_folder_that_holds_other_versions_stays(ground: Ground) -> None:
    write_module(ground.root, "m", "1.0")
    write_module(ground.root, "m", "2.0", folder="2.0")
    with pytest.raises(NotUninstalled, match=r"holds m 2\.0 too"):
        to_uninstall(now(ground).repository, "m", "1.0")
    assert to_uninstall(now(ground).repository, "m", "2.0").folder.name == "2.0"


def test_a_module_of_otclient_is_installed_replaced_and_taken_out(ground: Ground) -> None:
    files = {"battle/battle.otmod": b"Module\n  name: battle\n  scripts: [ a ]\n", "battle/a.lua": b"x = 1\n"}
    done = put(zipped(files), ground)
    assert done.place == str(ground.root / "plugins/battle")
    again = put(zipped(files | {"battle/b.lua": b""}), ground, Terms(unsigned=True, replace=True))
    assert again.replaced
    assert (Path(again.place) / "b.lua").exists()
    uninstall(to_uninstall(now(ground).repository, "battle", ""), ground.data, ground.store)
    assert digests(ground.root) == {}


def test_no_package_takes_a_folder_that_holds_other_versions(ground: Ground) -> None:
    write_module(ground.root, "battle", "2.0", folder="2.0")
    data = zipped({"battle.otmod": b"Module\n  name: battle\n"})
    assert "battle 2.0 lies in" in refusal(data, ground, Terms(unsigned=True, replace=True)).reason


def test_the_trash_keeps_the_newest(ground: Ground, tmp_path: Path) -> None:
    trash = Trash(ground.data)
    for number in range(KEPT + 3):
        folder = write_module(tmp_path, "m", f"{number}.0", folder=str(number))
        trash.throw(folder, "m", f"{number}.0", folder)
    assert [each.version for each in trash.contents()] == [f"{number}.0" for number in range(KEPT + 2, 2, -1)]


def test_what_was_replaced_stays_replaced_though_the_disk_confirms_nothing(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(made(tmp_path, signer()), ground)
    newer = read(made(tmp_path, signer(), lua="return { init = print }\n"), ground.root)
    monkeypatch.setattr(trash, "settle", failing)
    done = installing.install(newer, now(ground), Terms(replace=True), "m.zip")
    assert "print" in (Path(done.place) / "init.lua").read_text()
    assert "print" not in (Path(done.replaced) / "init.lua").read_text()
    origin = ground.store.origins.of("m", "1.0.0")
    assert origin is not None
    assert origin.digest == newer.digest
    taken = uninstall(to_uninstall(now(ground).repository, "m", ""), ground.data, ground.store)
    Trash(ground.data).take_back(Trash(ground.data).newest("m", ""))
    assert (Path(done.place) / "init.lua").exists()
    assert not Path(taken.kept).exists()


def test_what_could_not_be_thrown_away_is_not_in_the_trash(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thrown_away = Trash(ground.data)
    folder = write_module(tmp_path, "m", "1.0")
    before = digests(folder)
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="No such device"):
        thrown_away.throw(folder, "m", "1.0", folder)
    assert digests(folder) == before
    assert list(folder.parent.glob(f"{STAGE}*")) == []
    assert list((ground.data / TRASH_NAME).iterdir()) == []


def test_a_throw_that_was_killed_is_not_listed(ground: Ground, tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m", "1.0")
    kept = Trash(ground.data).throw(folder, "m", "1.0", folder)
    kept.rename(folder)
    assert (kept.parent / "place.json").exists()
    assert Trash(ground.data).contents() == ()


def test_what_could_not_be_taken_back_stays_in_the_trash(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_module(tmp_path, "m", "1.0")
    Trash(ground.data).throw(folder, "m", "1.0", folder)
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(HostError, match=r"m 1\.0 stays in the trash, .*: no such device"):
        Trash(ground.data).take_back(Trash(ground.data).newest("m", ""))
    assert list(folder.parent.iterdir()) == []
    assert (Trash(ground.data).newest("m", "").module / "init.lua").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is Linux's")
def test_two_folders_change_places_in_one_moment(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text("")
    if exchanged(tmp_path / "one", tmp_path / "two"):
        assert (tmp_path / "one" / "two").exists()
        with pytest.raises(FileNotFoundError):
            exchanged(tmp_path / "one", tmp_path / "gone")
