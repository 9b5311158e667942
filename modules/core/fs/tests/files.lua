--- What becomes of files, and what is refused.

local T = {}

local function refused(t, ...)
    local nothing, why = t.call(...)
    t.equal(nothing, nil)
    return why
end

function T.bytes_come_back_as_they_were(t)
    t.equal(t.call("write", "data/a.bin", "\0\255\n"), true)
    t.equal(t.call("read", "data/a.bin"), "\0\255\n")
    t.equal(t.call("append", "data/a.bin", "more"), true)
    t.equal(t.call("size", "data/a.bin"), 7)
    t.equal(t.call("write", "data/a.bin", ""), true)
    t.equal(t.call("read", "data/a.bin"), "")
end

function T.what_is_not_there_is_said(t)
    t.equal(t.call("exists", "data/none"), false)
    t.equal(t.call("exists", "data/none/deeper"), false)
    t.equal(refused(t, "read", "data/none"), "data/none: no such file or directory")
    t.equal(refused(t, "rm", "data/none"), "data/none: no such file or directory")
    t.equal(refused(t, "write", "data/none/a", "x"), "data/none/a: no such file or directory")
    t.equal(refused(t, "copy", "data/none", "data/b"), "data/none and data/b: no such file or directory")
    t.equal(refused(t, "size", "data/none"), "data/none: no such file or directory")
end

function T.a_modules_own_folder_is_there_before_it_writes(t)
    t.equal(t.call("ls", "data/"), {})
    t.equal({ t.call("exists", "data/"), t.call("stat", "data/").kind }, { true, "folder" })
end

function T.an_option_that_there_is_none_of_is_refused(t)
    t.raises(function()
        t.call("mkdir", "data/a", { parent = true })
    end, "unknown option 'parent' to 'mkdir'; it has parents")
end

function T.folders_are_made_listed_searched_and_removed(t)
    t.equal(t.call("mkdir", "data/a/b", { parents = true }), true)
    t.equal(t.call("mkdir", "data/a/b", { parents = true }), true)
    t.matches(refused(t, "mkdir", "data/a/b"), "exists")
    t.call("write", "data/a/one.txt", "1")
    t.call("write", "data/a/b/two.txt", "2")
    t.equal(t.call("ls", "data/a"), { "b", "one.txt" })
    t.equal(t.call("glob", "data/a/*.txt"), { "data/a/one.txt" })
    t.equal(t.call("glob", "data/**.txt"), { "data/a/b/two.txt", "data/a/one.txt" })
    t.matches(refused(t, "rm", "data/a"), "not empty")
    t.equal(t.call("rmr", "data/a"), 4)
    t.equal(t.call("exists", "data/a"), false)
end

function T.files_are_copied_and_moved(t)
    t.call("write", "data/a", "x")
    t.equal(t.call("copy", "data/a", "data/b"), true)
    t.equal(t.call("move", "data/a", "data/c"), true)
    t.equal(t.call("ls", "data/"), { "b", "c" })
    t.equal(t.call("stat", "data/c").kind, "file")
    t.equal(t.call("stat", "data/").kind, "folder")
end

function T.a_folder_is_no_file(t)
    t.call("mkdir", "data/a", { parents = true })
    t.matches(refused(t, "write", "data/a", "x"), "is a directory")
    t.matches(refused(t, "read", "data/a"), "is a directory")
    t.equal(t.call("ls", "data/"), { "a" }, "nothing was left behind")
end

function T.nothing_leads_out(t)
    for _, path in ipairs({ "/etc/passwd", "data/../../state/x", "~/.ssh/id", "/" }) do
        t.matches(refused(t, "read", path), "permission denied")
        t.matches(refused(t, "write", path, "x"), "permission denied")
        t.matches(refused(t, "rmr", path), "permission denied")
    end
    t.matches(refused(t, "read", "passwd"), "says no place")
    t.equal(t.call("glob", "/etc/*"), {})
end

function T.names_are_taken_apart(t)
    t.equal(t.call("basename", "data/a/b.txt"), "b.txt")
    t.equal(t.call("dirname", "data/a/b.txt"), "data/a")
    t.equal({ t.call("dirname", "/a"), t.call("dirname", "a") }, { "/", "." })
    t.matches(t.call("tmpname"), "^data/tmp%-%x+$")
end

function T.wrong_arguments_are_named(t)
    t.raises(function()
        t.call("write", "data/a", 5)
    end, "bad argument #2 to 'write' (string expected, got number)")
    t.raises(function()
        t.call("read")
    end, "bad argument #1 to 'read' (string expected, got nil)")
end

return T
