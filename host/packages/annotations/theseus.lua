---@meta theseus
--- What a module finds when it runs, for lua-language-server: completion, hovers and checks in an editor.
--- Nothing of this is ever run by the host.

-- Modules ------------------------------------------------------------------------------------------------------------

--- What the entry file returns. All that you may give it is optional; the rest is the host's.
---@class theseus.Module
---@field name string the host's: as in the manifest
---@field version string the host's: as in the manifest
---@field config table<string, any> the host's: the settings as they are now
---@field hooks? table<string, fun(...): any> handlers by event, registered before `init`
---@field exports? table<string, fun(...): any> what others get from `require`
---@field init? theseus.Told start
---@field cleanup? fun(self: theseus.Module) release what the host did not give
---@field configure? theseus.Told the settings changed; absent: it is reloaded
---@field getState? fun(self: theseus.Module): table the state, as plain data
---@field setState? theseus.Told take the state
---@field migrate? fun(self: theseus.Module, state: table, fromVersion: string): table | false?, string?
---@field validate? theseus.Told after a swap, before it counts
---@field pause? theseus.Told before the state is taken
---@field resume? fun(self: theseus.Module) the version that goes on, before what waited arrives
---@field health? fun(self: theseus.Module): theseus.Health, string? how it is, and a detail for people
---@field execute? fun(self: theseus.Module, context: table<string, any>): theseus.Response? answer one request
local Module = {}

--- Nothing or `true` is fine; `false` or `nil`, and a reason, refuse.
---@alias theseus.Told fun(self: theseus.Module, given: table<string, any>): boolean?, string?
---@alias theseus.Health "healthy" | "degraded" | "unhealthy"

--- The answer to one request.
---@class theseus.Response
---@field status? "success" | "error" | "warning" | "pending" `success` where it is absent
---@field data? any the answer itself
---@field variables? table<string, any> what the one who asked may want to keep
---@field message? string a sentence for people
---@field next_action? any what to do next

--- Answer an event from now on.
---@param event string
---@param handler fun(...): any
---@param options? { priority: number? } higher goes first; 0 where it is absent
---@return true? done
---@return string? why it was not
function Module:registerHook(event, handler, options) end

--- Answer it no longer.
---@param event string
---@param handler fun(...): any
---@return true? done
---@return string? why it was not
function Module:unregisterHook(event, handler) end

-- host ---------------------------------------------------------------------------------------------------------------

---@class theseus.Host
---@field native? table<string, fun(...): any> functions of its `native.py`; core modules alone have it
host = {}

--- Tell all who answer an event.
---@param event string
---@param ... any plain data; each handler gets its own copy
---@return integer? told how many answered
---@return string? why the event was refused
function host.emit(event, ...) end

--- Hand a value from one handler to the next.
---@param event string
---@param value any plain data
---@param ... any what each handler gets besides
---@return any value what became of it
---@return string? why it was refused
function host.filter(event, value, ...) end

--- Call a function once.
---@param ms number milliseconds from now
---@param f fun()
---@return theseus.Timer?
---@return string? why there is none
function host.after(ms, f) end

--- Call a function again and again.
---@param ms number milliseconds between two calls
---@param f fun()
---@return theseus.Timer?
---@return string? why there is none
function host.every(ms, f) end

--- Run a function as a task, which may wait.
---@param f async fun(...): ...
---@param ... any its arguments
---@return theseus.Task?
---@return string? why there is none
function host.async(f, ...) end

--- Wait, in a task.
---@async
---@param ms number milliseconds
function host.sleep(ms) end

--- The bytes of a file of the module's own folder.
---@param path string as `data/words.txt`
---@return string?
---@return string? why there are none
function host.asset(path) end

---@class theseus.Timer
local Timer = {}

--- Call the function no more.
---@return boolean done `false` where it was over
function Timer:cancel() end

---@class theseus.Task
local Task = {}

--- Have its wait, and each further one, raise `cancelled`.
---@return boolean done `false` where it had ended
function Task.cancel() end

--- Wait, in another task, until it has ended.
---@async
---@return boolean ok as `pcall` of its function
---@return any ... what it returned, or the message
function Task.wait() end

-- host.log -----------------------------------------------------------------------------------------------------------

--- Each writes one line with the module's name; tables are shown, bounded.
host.log = {}

---@param ... any
---@return nil
---@return string? why nothing was written
function host.log.debug(...) end

---@param ... any
---@return nil
---@return string? why nothing was written
function host.log.info(...) end

---@param ... any
---@return nil
---@return string? why nothing was written
function host.log.warn(...) end

---@param ... any
---@return nil
---@return string? why nothing was written
function host.log.error(...) end

-- host.ui ------------------------------------------------------------------------------------------------------------

host.ui = {}

--- Show widgets in the window.
---@param declaration theseus.Declaration
---@return theseus.Panel?
---@return string? why it is not shown
function host.ui.panel(declaration) end

---@class theseus.Declaration
---@field id string names it within the module; letters, digits, `_`, `.` and `-`
---@field title? string the `id` where it is absent
---@field children? theseus.Widget[]

---@class theseus.Panel
local Panel = {}

--- Change widgets, all or none: `{ id = { property = value } }`, or `{ id = value }` for what a widget is about.
---@param changes table<string, theseus.Change>
---@return true?
---@return string? why nothing was changed
function Panel:update(changes) end

--- What a widget shows now, with what was typed, ticked or chosen there.
---@param id string
---@return string | number | boolean | nil
---@return string? why there is nothing
function Panel:value(id) end

--- Take the panel away.
---@return boolean done `false` where it was gone
function Panel:close() end

---@alias theseus.Scalar string | number | boolean
---@alias theseus.Change theseus.Scalar | table<string, any>
---@alias theseus.Widget
---| theseus.Label
---| theseus.Value
---| theseus.Meter
---| theseus.Table
---| theseus.Button
---| theseus.Field
---| theseus.Checkbox
---| theseus.Choice
---| theseus.Plot
---| theseus.Text
---| theseus.Row
---| theseus.Column

---@class theseus.Label
---@field kind "label"
---@field id? string
---@field text? string

---@class theseus.Value
---@field kind "value"
---@field id? string
---@field label? string
---@field value? theseus.Scalar
---@field unit? string

---@class theseus.Meter
---@field kind "meter"
---@field id? string
---@field label? string
---@field value? number
---@field min? number 0 where it is absent
---@field max? number 1 where it is absent
---@field text? string in place of the number

---@class theseus.Table
---@field kind "table"
---@field id? string
---@field label? string
---@field columns? string[]
---@field rows? theseus.Scalar[][]
---@field follow? boolean its end stays in sight
---@field onClick? fun(row: integer) from 1

---@class theseus.Button
---@field kind "button"
---@field id? string
---@field text? string
---@field enabled? boolean
---@field onClick? fun()

---@class theseus.Field
---@field kind "field"
---@field id? string
---@field label? string
---@field value? string
---@field placeholder? string
---@field enabled? boolean
---@field onChange? fun(text: string) while somebody types
---@field onSubmit? fun(text: string) at Enter

---@class theseus.Checkbox
---@field kind "checkbox"
---@field id? string
---@field label? string
---@field value? boolean
---@field enabled? boolean
---@field onChange? fun(ticked: boolean)

---@class theseus.Choice
---@field kind "choice"
---@field id? string
---@field label? string
---@field value? string
---@field options? string[]
---@field enabled? boolean
---@field onChange? fun(option: string)

---@class theseus.Plot
---@field kind "plot"
---@field id? string
---@field label? string
---@field values? number[] oldest first
---@field min? number
---@field max? number
---@field unit? string

---@class theseus.Text
---@field kind "text"
---@field id? string
---@field label? string
---@field text? string several lines
---@field follow? boolean its end stays in sight

---@class theseus.Row
---@field kind "row"
---@field id? string
---@field children? theseus.Widget[]

---@class theseus.Column
---@field kind "column"
---@field id? string
---@field children? theseus.Widget[]

-- Lua's own, as far as modules have it -------------------------------------------------------------------------------

--- The exports of a declared dependency, bound late; or a file of the module's own folder, as `lib.words`.
---@param name string
---@return any
---@return string? why an optional dependency is not there
function require(name) end

--- `host.log.info`.
---@param ... any
---@return nil
---@return string? why nothing was written
function print(...) end

os = {}

---@return number seconds of processor time
function os.clock() end

---@param format? string
---@param time? number
---@return string | table
function os.date(format, time) end

---@param later number
---@param earlier number
---@return number seconds
function os.difftime(later, earlier) end

---@param fields? table
---@return integer seconds since 1970
function os.time(fields) end

debug = {}

---@param message? any
---@param level? integer
---@return string
function debug.traceback(message, level) end

-- OTClient's, with their meaning there -------------------------------------------------------------------------------

---@param callback fun()
---@param delay? number milliseconds; 0 where it is absent
---@return theseus.Timer?
---@return string? why there is none
function scheduleEvent(callback, delay) end

---@param callback fun()
---@param interval number milliseconds
---@return theseus.Timer?
---@return string? why there is none
function cycleEvent(callback, interval) end

---@param callback fun()
---@return theseus.Timer?
---@return string? why there is none
function addEvent(callback) end

---@param event theseus.Timer?
function removeEvent(event) end

---@param object table
---@param signals table<string, fun(...): any>
---@param front? boolean
---@overload fun(object: table, signal: string, slot: fun(...): any, front?: boolean)
function connect(object, signals, front) end

---@param object table
---@param signals table<string, fun(...): any>
---@overload fun(object: table, signal: string, slot: fun(...): any)
function disconnect(object, signals) end

---@param slots fun(...): any | (fun(...): any)[] | nil
---@param ... any
---@return any given what the one slot gave; of several, whether one gave true
function signalcall(slots, ...) end
