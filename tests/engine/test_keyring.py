"""Keys of packages: listed, revoked whatever they signed, restored."""

from __future__ import annotations

from pathlib import Path

import pytest

from host import HostError
from host.engine.granting import Granting
from host.packages.package import pack
from host.packages.signing import fingerprint
from host.vocabulary.errors import NotInstalled
from host.vocabulary.views import KeyView
from tests.engine.place import Place
from tests.packages.parcels import signer

KEY = fingerprint(signer().public)
OTHER = fingerprint(signer(2).public)
ASKS = '[permissions]\nnet = ["api.example.com:443"]\n'


def packed(tmp_path: Path, name: str = "chat", version: str = "1.0.0", by: int = 1) -> Path:
    root = tmp_path / f"made-{name}-{version}-{by}"
    root.mkdir()
    file = root / "package.zip"
    file.write_bytes(pack(Place(root).module(name, version=version, more=ASKS), signer(by))[1])
    return file


async def test_keys_are_listed_with_what_they_signed(place: Place, tmp_path: Path) -> None:
    async with place.host() as host:
        assert await host.keys() == ()
        for name, version, by in (
            ("chat", "1.0.0", 1),
            ("chat", "2.0.0", 1),
            ("news", "1.0.0", 1),
            ("map", "1.0.0", 2),
        ):
            await host.install(packed(tmp_path, name, version, by))
        shared, alone = await host.keys()
        assert (shared.fingerprint, shared.modules) == (KEY, ("chat", "news"))
        assert shared.installed == ("chat 1.0.0", "chat 2.0.0", "news 1.0.0")
        assert (alone.fingerprint, alone.modules, alone.revoked) == (OTHER, ("map",), 0.0)
        assert shared.since > 0


@pytest.mark.parametrize("named", [KEY, "chat"])
async def test_what_a_revoked_key_signed_is_not_installed_and_its_modules_may_nothing(
    place: Place, tmp_path: Path, named: str
) -> None:
    async with place.host() as host:
        await host.install(packed(tmp_path))
        await host.grant("chat")
        (view,) = await host.revoke_key(named)
        assert (view.fingerprint, view.installed) == (KEY, ("chat 1.0.0",))
        assert view.revoked > 0
        assert host.grants("chat") == ()
        for version, name in (("2.0.0", "chat"), ("1.0.0", "news")):
            with pytest.raises(NotInstalled, match=rf"^{name} .* signed with SHA256:.*, which was revoked") as refused:
                await host.install(packed(tmp_path, name, version), trust_key=True)
            assert refused.value.kind == "revoked"
        assert "was revoked" in (await host.inspect_package(packed(tmp_path, "map"))).refused
        assert (await host.revoke_key(named))[0].revoked == view.revoked
    async with place.host() as host:
        assert (await host.keys())[0].revoked == view.revoked
        (view,) = await host.restore_key(named)
        assert view.revoked == 0.0
        await host.install(packed(tmp_path, version="3.0.0"))
        assert host.grants("chat") == ()
        rows = [(row.permission, row.wanted) for row in await host.audit() if row.permission.endswith(" key")]
        assert rows == [("restore key", KEY), ("revoke key", KEY)]
        assert not (await host.check_audit()).problems


async def test_a_revocation_that_ended_half_way_is_completed_by_another(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.host() as host:
        await host.install(packed(tmp_path))
        await host.grant("chat")
        with monkeypatch.context() as broken:
            broken.setattr(Granting, "withdraw", lambda *_: (_ for _ in ()).throw(HostError("the disk is full")))
            with pytest.raises(HostError, match="the disk is full"):
                await host.revoke_key(KEY)
        assert host.grants("chat")
        await host.revoke_key(KEY)
        assert host.grants("chat") == ()


async def test_a_key_that_was_never_seen_can_be_revoked_before_it_is(place: Place, tmp_path: Path) -> None:
    async with place.host() as host:
        (view,) = await host.revoke_key(OTHER)
        assert view == KeyView(fingerprint=OTHER, revoked=view.revoked)
        with pytest.raises(NotInstalled):
            await host.install(packed(tmp_path, by=2))
        assert await host.restore_key(OTHER) == ()
        await host.install(packed(tmp_path, name="news", by=2))


@pytest.mark.parametrize("key", ["nobody", "", "SHA256:", "SHA256:" + "!" * 43, KEY + "x", "SHA256:" + "x" * 5000])
async def test_what_is_no_key_is_refused_in_a_sentence(place: Place, key: str) -> None:
    async with place.host() as host:
        for act in (host.revoke_key, host.restore_key):
            with pytest.raises(
                HostError, match=r"is no fingerprint .* theseus keys --data \S+ lists them; nothing was changed"
            ):
                await act(key)
        with pytest.raises(HostError, match="was not revoked"):
            await host.restore_key(OTHER)
