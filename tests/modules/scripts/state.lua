--- A roll-out in the way in which scripts for sloth-runner keep what they know.

-- What is running, and how it was rolled out
state.set("release", "v1.4.0")
state.set("replicas", 3)
state.set("settings", { debug = false, hosts = { "north", "south" } })
assert(state.get("release") == "v1.4.0")
assert(state.get("settings").hosts[2] == "south")
assert(state.get("theme", "plain") == "plain")
if state.exists("release") then
    log.info("release is known")
end

-- What is known for a while
state.set("token", "abc", 60)
state.set_ttl("replicas", 300)
log.info("the token lives " .. state.get_ttl("token") .. " s more")
assert(state.get_ttl("release") == -1 and state.get_ttl("none") == -2)

-- Numbers and texts that grow
local rollouts = state.increment("rollouts", 1)
log.info("roll-out " .. rollouts)
assert(state.increment("downloads", 50) == 50 and state.decrement("downloads", 5) == 45)
state.set("journal", "begun")
assert(state.append("journal", " -> checked") == #"begun -> checked")
state.set("revision", 7)
local revision = state.get("revision")
if state.compare_swap("revision", revision, revision + 1) then
    log.info("revision " .. state.get("revision"))
end

-- A queue
state.list_push("queue", { app = "shop", version = "v2" })
state.list_push("queue", { app = "desk", version = "v3" })
log.info("waiting: " .. state.list_length("queue"))
local done = {}
while state.list_length("queue") > 0 do
    local item = state.list_pop("queue")
    done[#done + 1] = item.app
end
assert(table.concat(done, " ") == "desk shop")

-- One at a time
if state.try_lock("rollout", 30) then
    state.unlock("rollout")
end
if state.lock("migration", 60) then
    state.unlock("migration")
end
local outcome = state.with_lock("critical", function()
    local count = state.increment("global", 1)
    state.set("last", os.time())
    state.list_push("history", { version = state.get("release"), at = state.get("last") })
    return "done " .. count
end, 15)
assert(outcome == "done 1")

-- A cache
local function cached(key, fetch, ttl)
    local found = state.get(key)
    if found then
        return found
    end
    local fresh = fetch()
    state.set(key, fresh, ttl or 300)
    return fresh
end
local asked = 0
local function profile()
    asked = asked + 1
    return { name = "Ana", likes = { "ships", "planks" } }
end
assert(cached("user:1", profile, 600).name == "Ana" and cached("user:1", profile).likes[2] == "planks")
assert(asked == 1)

-- A limit
local function allowed(who, most, window)
    local key = "limit:" .. who
    local count = state.get(key, 0)
    if count >= most then
        return false, "too often"
    end
    if count == 0 then
        state.set(key, 1, window)
    else
        state.increment(key, 1)
    end
    return true
end
local results = {}
for try = 1, 4 do
    results[try] = tostring((allowed("ana", 3, 60)))
end
assert(table.concat(results, " ") == "true true true false")

for _, key in ipairs(state.keys("user:*")) do
    log.info("cached: " .. key)
end
local stats = state.stats()
log.info(stats.total_keys .. " keys in " .. stats.db_path .. ", " .. stats.db_size_bytes .. " bytes")
state.clear("limit:*")
state.delete("journal")
assert(#state.keys("limit:*") == 0 and not state.exists("journal"))
