"""``check``: what looks wrong in a module's folder is told with its line, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from host import Host
from host.discovery.repository import scan
from host.packages.examining import Examined, examine
from host.runtime.listing import Op, listing_of
from host.runtime.offered import offered_names
from host.vocabulary.errors import LoadFailed
from host.vocabulary.manifest import Manifest
from tests.discovery.module_folders import write_module
from tests.discovery.test_otclient_folders import CHECKOUT, write_otmod
from tests.docs.test_examples import GUIDES, written
from tests.modules.bundled import MANIFESTS


def examined(
    folder: Path, lua: str = "return {}\n", *, more: str = "", tier: str = "plugins", **files: str
) -> Examined:
    """Examine a module with a README and a test, so that only what a test is about is told."""
    module = write_module(folder, "m", lua=lua, more=more, tier=tier)
    (module / "tests").mkdir(exist_ok=True)
    (module / "tests" / "some.lua").write_text("return {}")
    (module / "README.md").write_text("# m")
    for name, text in files.items():
        (module / f"{name}.lua").write_text(text)
    return examine(module)


def told(found: Examined) -> list[str]:
    return [*map(str, found.problems), *(f"hint {hint}" for hint in found.hints)]


SOUND = {
    "a local of a global's name": 'local io = { open = function() end }\nio.open("x")\nreturn {}\n',
    "what is tested before": "if jit then\n    jit.off()\nend\nreturn {}\n",
    "a fallback": "local unpack = unpack or table.unpack\nreturn { exports = { u = unpack } }\n",
    "a fallback that is not there": "local pack = table.pack or function() end\nreturn { init = pack }\n",
    "a comparison": "local new = setfenv ~= nil and bit32 == nil\nreturn { init = function() return new end }\n",
    "members kept in locals": 'local log = host.log\nlog.info("x")\nlocal info = log.info\ninfo("y")\nreturn {}\n',
    "another environment": "setfenv(1, { foo = print })\nfoo()\nreturn {}\n",
    "globals set by name": "for _, name in ipairs({ 'foo' }) do\n    rawset(_G, name, print)\nend\nfoo()\nreturn {}\n",
    "a protected require": 'local ok, json = pcall(require, "json")\nreturn { init = ok and json }\n',
    "a member that is set in a branch": "local M = {}\nif a then M.hooks = {} else M.hooks = 5 end\nreturn M\n",
    "what another function returns": "local function made()\n    return {}\nend\nreturn made()\n",
    "a choice of what to return": "if os.time() > 0 then\n    return {}\nend\nreturn { hooks = {} }\n",
    "private members": "local M = {}\nM.state = 1\nM.paused = false\nfunction M.helper() end\nreturn M\n",
    "a local that an inner function assigns": ("local M\nlocal function make()\n    M = {}\nend\nmake()\nreturn M\n"),
    "a member that an inner function made": (
        "local hooks = 1\nlocal function make()\n    hooks = {}\nend\nmake()\nreturn { hooks = hooks }\n"
    ),
    "string methods": 'local s = ("x"):rep(3)\nreturn { exports = { s = function() return s:upper() end } }\n',
    "OTClient's functions": "scheduleEvent(print, 1)\nconnect({}, { onX = print })\nreturn {}\n",
    "varied members": "local M = { hooks = {} }\nfor i = 1, 3 do\n    M.hooks['on' .. i] = print\nend\nreturn M\n",
}


@pytest.mark.parametrize("lua", SOUND.values(), ids=SOUND)
def test_nothing_is_told_of_sound_lua(lua: str, tmp_path: Path) -> None:
    assert told(examined(tmp_path, lua)) == []


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: f"{each.name}-{each.version}")
def test_nothing_is_told_of_a_bundled_module(manifest: Manifest) -> None:
    assert told(examine(manifest.folder)) == []


@pytest.mark.parametrize("page", GUIDES)
def test_no_fault_is_told_of_the_modules_of_a_guide(page: str, tmp_path: Path) -> None:
    found = [examine(manifest.folder) for manifest in scan([written(page, tmp_path)]).modules]
    assert [str(problem) for each in found for problem in each.problems] == []
    assert [str(hint) for each in found for hint in each.hints if hint.file.suffix == ".lua"] == []


def test_nothing_is_told_of_the_modules_of_a_checkout_of_otclient() -> None:
    assert [line for folder in sorted(CHECKOUT.iterdir()) for line in told(examine(folder))] == []


@pytest.mark.parametrize(
    ("lua", "line"),
    [
        (
            'print(1)\nio.open("x")\nreturn {}\n',
            "init.lua:2: uses io, which is not there; make it local, or test it before",
        ),
        ("foo()\nreturn {}\n", "init.lua:1: calls foo, which is not there; make it local, or test it before"),
        ("local x\nx = ipair({})\nreturn { x }\n", "init.lua:2: calls ipair, which is not there; did you mean ipairs?"),
        ("host.emitt('x')\nreturn {}\n", "init.lua:1: calls host.emitt, which is not there; did you mean host.emit?"),
        (
            "host.log.inform()\nreturn {}\n",
            "init.lua:1: calls host.log.inform, which is not there; did you mean host.log.info?",
        ),
        (
            "_G.os.exit()\nreturn {}\n",
            "init.lua:1: calls os.exit, which is not there; see what os has, or test it before",
        ),
        (
            "return { init = function()\n    g_ui.a()\n    g_ui.b()\n    g_ui.c()\nend }\n",
            "init.lua:2: uses g_ui, which is not there (and in 2 more lines); make it local, or test it before",
        ),
        (
            "host.native.append()\nreturn {}\n",
            "init.lua:1: uses host.native, which is not there; see what host has, or test it before",
        ),
    ],
)
def test_what_is_used_and_not_there_is_told_with_its_line(lua: str, line: str, tmp_path: Path) -> None:
    assert told(examined(tmp_path, lua)) == [line]


@pytest.mark.parametrize(
    ("lua", "lines"),
    [
        ("count = 1\nreturn {}\n", ["init.lua:1: count"]),
        ("return { init = function()\n    count = (count or 0) + 1\n    count = 2\nend }\n", ["init.lua:2: count"]),
        ("function helper() end\nhelper()\nreturn {}\n", ["init.lua:1: helper"]),
        ("_G.x = 1\n_G['y'] = 2\nreturn { _G.x.z }\n", ["init.lua:1: x", "init.lua:2: y"]),
        ("function string.trim(s) return s end\nstring.trim('')\nreturn {}\n", ["init.lua:1: string.trim"]),
    ],
)
def test_a_global_that_is_assigned_is_a_hint_where_it_is_first(lua: str, lines: list[str], tmp_path: Path) -> None:
    found = examined(tmp_path, lua)
    assert found.problems == ()
    assert [f"{hint.where}: {hint.message.split()[3].rstrip(';')}" for hint in found.hints] == lines


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("jsn", "no declared dependency and no file of it; did you mean 'json'?"),
        ("other", "no declared dependency and no file of it; declare it below [dependencies], or add other.lua"),
        ("lib.other", "or add lib/other.lua"),
        ("../up", "names are words with dots between them"),
    ],
)
def test_a_require_that_fails_is_told(name: str, why: str, tmp_path: Path) -> None:
    found = examined(
        tmp_path, f'local a = require("json")\nlocal b = require("{name}")\nreturn {{ a, b }}\n', json="return {}"
    )
    (problem,) = found.problems
    assert problem.where == "init.lua:2"
    assert problem.message.endswith(why)


def test_a_dependency_that_is_never_required_is_a_hint_at_its_line(tmp_path: Path) -> None:
    more = '[dependencies]\nused = "*"\nunused = "^1"\nperhaps = { version = "*", optional = true }\n'
    found = examined(tmp_path, 'local used = require("used")\nreturn { used }\n', more=more)
    assert told(found) == ["hint module.toml:5: dependencies.unused: is never required; remove it"]
    answering = "local M = {}\nM.hooks = { onX = function() end }\nreturn M\n"
    needed = answering.replace("local", 'require("used")\nlocal')
    assert told(examined(tmp_path, needed, more=more)) == []
    dynamic = 'local name = ...\nlocal found = require(name or "x")\nreturn { found }\n'
    assert told(examined(tmp_path, dynamic, more=more)) == []


NET = '[permissions]\n"net" = ["example.com:443"]\n"fs.read" = ["data/**"]\n"modules" = ["chat"]\n[dependencies]\n'


@pytest.mark.parametrize(
    ("needs", "useless"),
    [
        ("", ["net", '"fs.read"']),
        ('http = "*"\n', ['"fs.read"']),
        ('pages = "*"\n', ['"fs.read"']),
        ('browser = "*"\n', ["net", '"fs.read"']),
        ('http = "*"\nspool = "*"\n', []),
        ('broken = "*"\n', []),
        ('gone = "*"\n', []),
    ],
)
def test_a_permission_that_nothing_it_needs_could_use_is_a_hint(needs: str, useless: list[str], tmp_path: Path) -> None:
    http = write_module(tmp_path, "http", tier="core")
    (http / "native.py").write_text(
        "def functions(folder, gate):\n    return {'get': lambda c, h: gate.connect(c, h, 1)}\n"
    )
    spool = write_module(tmp_path, "spool", tier="core")
    (spool / "native.py").write_text("def functions(_, gate):\n    gate.check(caller, 'fs.read', path)\n")
    (write_module(tmp_path, "broken", tier="core") / "native.py").write_text("def (")
    write_module(tmp_path, "pages", tier="core", more='[dependencies]\nhttp = "*"\n')
    write_module(tmp_path, "browser", more='[dependencies]\nhttp = "*"\n')
    lua = "return { hooks = { onX = function() end } }\n"
    hints = examined(tmp_path, lua, more=NET + needs).hints
    assert [hint.key for hint in hints] == [f"permissions.{name}" for name in useless]
    assert all(hint.line and hint.message.startswith("could be used by nothing") for hint in hints)


def test_what_a_module_needs_is_looked_for_in_other_folders_too(tmp_path: Path) -> None:
    write_module(tmp_path / "others", "http", tier="core")
    module = tmp_path / "mine/plugins/m"
    lua = "return { hooks = { onX = function() end } }\n"
    examined(tmp_path / "mine", lua, more=NET + 'http = "*"\n')
    assert [hint.key for hint in examine(module).hints] == []
    assert len(examine(module, [tmp_path / "others"]).hints) == 2


@pytest.mark.parametrize(
    ("lua", "line"),
    [
        (
            "local M = {}\nfunction M.init() end\n",
            "init.lua:2: returns nothing, and must return a table; end it with return M",
        ),
        ("return 'x'\n", "init.lua:1: returns a string, and must return a table; end it with return M"),
        ("return nil\n", "init.lua:1: returns nothing, and must return a table; end it with return M"),
        ("local M = {}\n\nM.hooks = 5\nreturn M\n", "init.lua:3: hooks is a number, and must be a table"),
        ("return { init = {} }\n", "init.lua:1: init is a table, and must be a function"),
        (
            "local M = {}\nM.hooks = {\n    onX = 'x',\n}\nreturn M\n",
            "init.lua:2: hooks.onX is a string, and must be a function",
        ),
        (
            "local M = { exports = {} }\nM.exports.f = true\nreturn M\n",
            "init.lua:2: exports.f is a boolean, and must be a function",
        ),
    ],
)
async def test_what_the_entry_file_returns_is_told_as_a_load_would_refuse_it(
    lua: str, line: str, tmp_path: Path
) -> None:
    assert told(examined(tmp_path / "modules", lua)) == [line]
    async with Host([tmp_path / "modules"], tmp_path / "data") as host:
        with pytest.raises(LoadFailed):
            await host.load("m")


@pytest.mark.parametrize(("name", "meant"), [("getstate", "getState"), ("set_state", "setState"), ("Init", "init")])
def test_a_member_that_the_host_would_not_call_is_a_hint(name: str, meant: str, tmp_path: Path) -> None:
    found = told(examined(tmp_path, f"local M = {{}}\nfunction M:{name}() end\nreturn M\n"))
    assert found == [f"hint init.lua:2: {name} is no member that the host calls; did you mean {meant}?"]


def test_a_member_in_the_singular_is_a_hint(tmp_path: Path) -> None:
    found = told(examined(tmp_path, "return {\n    hook = {},\n}\n"))
    assert found == ["hint init.lua:2: hook is no member that the host calls; did you mean hooks?"]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ('{"type": "objekt"}', "cannot be used: 'objekt' is not valid"),
        ('{"$ref": "#"}', "refers to itself without end, by #"),
        ('{"properties": {"a": {"$ref": "#/nowhere", "default": 1}}}', "refers to /nowhere, which is nowhere in it"),
        ('{"properties": {"a": {"$ref": "http://127.0.0.1:9/", "default": 1}}}', "which is nowhere in it"),
        ('{"properties": {"a": {"pattern": "(", "default": "x"}}}', "cannot be used: '(' is not a 'regex'"),
        ('{"properties": {"a": {"type": "string", "default": 5}}}', "refuses its own default of a"),
        ("{", "is not JSON"),
    ],
)
def test_a_fault_of_the_schema_is_told(schema: str, said: str, tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    (folder / "config.schema.json").write_text(schema)
    (problem,) = examine(folder).problems
    assert said in problem.message


def test_settings_that_are_required_need_no_default(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    (folder / "config.schema.json").write_text('{"required": ["a"], "properties": {"a": {"type": "string"}}}')
    assert examine(folder).problems == ()


def test_a_module_without_readme_and_tests_is_a_hint(tmp_path: Path) -> None:
    found = examine(write_module(tmp_path, "m"))
    assert found.problems == ()
    assert [hint.key for hint in found.hints] == ["README.md", "tests"]


def test_a_file_that_does_not_compile_is_told_and_no_other_file_is_judged(tmp_path: Path) -> None:
    found = examined(tmp_path, "foo()\nreturn {}\n", broken="local = 1\n")
    assert [problem.where for problem in found.problems] == ["broken.lua:1"]


def test_globals_are_shared_by_the_files_of_one_module(tmp_path: Path) -> None:
    found = examined(tmp_path, 'require("lib")\nhelp()\nreturn {}\n', lib="function help() end\n")
    assert told(found) == ["hint lib.lua:1: assigns the global help; write local, or keep it in a table of yours"]


def test_scripts_of_otclient_may_share_globals_and_are_told_what_is_not_here(tmp_path: Path) -> None:
    lua = "function init()\n    window = 1\n    g_ui.loadUI('x')\nend\n"
    folder = write_otmod(tmp_path / "battle", "battle", "  scripts: [ battle ]\n  @onLoad: init()\n", battle=lua)
    assert told(examine(folder)) == ["battle.lua:3: uses g_ui, which is not there; make it local, or test it before"]


def test_a_module_that_scripts_of_otclient_reach_has_to_be_declared(tmp_path: Path) -> None:
    names = ("greeter.count", "other.f", "other.g", "battle.x")
    lua = "function see()\n" + "".join(f"    modules.{name}()\n" for name in names) + "end\n"
    fields = "  scripts: [ battle ]\n  dependencies: [ greeter ]\n"
    folder = write_otmod(tmp_path / "battle", "battle", fields, battle=lua)
    assert told(examine(folder)) == ["battle.lua:3: uses modules.other, which is no declared dependency; declare it"]


def test_a_large_file_is_looked_through(tmp_path: Path) -> None:
    """Values that cross have at most a million entries, and a listing was such a value."""
    many = "\n".join(["do local a = print(1) end"] * 40_000)
    keys = ", ".join(f"k{number} = 1" for number in range(20_000))
    assert told(examined(tmp_path, f"{many}\nio.open({{ {keys} }})\nreturn {{}}\n")) == [
        "init.lua:40001: uses io, which is not there; make it local, or test it before"
    ]


def test_a_core_module_may_use_its_native_part(tmp_path: Path) -> None:
    assert told(examined(tmp_path, "local n = host.native.read\nn()\nreturn {}\n", tier="core")) == []


def test_nothing_of_what_is_examined_runs(tmp_path: Path) -> None:
    assert told(examined(tmp_path, "while os.time() do end\nreturn {}\n")) == []
    assert told(examined(tmp_path, "error('it runs')\nreturn {}\n")) == []


def test_the_sandbox_itself_says_what_it_offers() -> None:
    names = offered_names()
    assert {"host.log.info", "string.format", "require", "os.time"} <= names.keys()
    assert not {"io", "os.exit", "string.dump", "ffi", "python"} & names.keys()


SHOWING = {
    Op.KSTR: "local a = 'x'",
    Op.KSHORT: "local a = 5",
    Op.KNUM: "local a = 0.5",
    Op.KPRI: "local a = true",
    Op.KNIL: "local a, b",
    Op.MOV: "local a = 1 local b = a",
    Op.USETV: "local a = 1 local b = 1 return function() a = b end",
    Op.USETP: "local a = 1 return function() a = nil end",
    Op.VARG: "local a = ...",
    Op.UCLO: "local a = {} a.f = function() return a end return a",
    Op.FNEW: "local a = function() end",
    Op.TNEW: "local a = {}",
    Op.TDUP: "local a = { x = 1 }",
    Op.GGET: "local a = b",
    Op.GSET: "a = 1",
    Op.TGETV: "local a = {} local b = a[a]",
    Op.TGETS: "local a = b.c",
    Op.TGETB: "local a = b[1]",
    Op.TSETV: "local a = {} a[a] = 1",
    Op.TSETS: "b.c = 1",
    Op.TSETB: "b[1] = 1",
    Op.CALLM: "a(b())",
    Op.CALL: "a()",
    Op.CALLMT: "return a(b())",
    Op.CALLT: "return a()",
    Op.RETM: "return 1, a()",
    Op.RET: "return 1, 2",
    Op.RET0: "return",
    Op.RET1: "return 1",
    Op.FORI: "for i = 1, 2 do end",
    Op.JMP: "if a then b() end",
    Op.ISTC: "local a, c = b c = a or 1",
    Op.ISF: "if a then end",
    Op.ISEQV: "local a, b = 1, 2 if a ~= b then c() end",
    Op.ISNEP: "if a == nil then b() end",
}


@pytest.mark.parametrize("op", Op, ids=lambda op: op.name)
def test_the_numbers_of_instructions_are_those_of_this_luajit(op: Op) -> None:
    assert op in {step.op for function in listing_of("@x", SHOWING[op].encode()) for step in function}


def test_a_module_that_means_harm_can_be_examined(tmp_path: Path) -> None:
    corpus = sorted((Path(__file__).parents[1] / "hostile" / "corpus").rglob("*.lua"))
    assert corpus
    for file in corpus:
        found = examined(tmp_path, file.read_text("utf-8"))
        assert all(problem.line for problem in found.problems), found
