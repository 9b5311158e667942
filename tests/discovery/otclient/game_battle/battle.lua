local near = {}

function init()
    near = {}
    if not modules.game_interface.isRunning() then
        error("the game is not shown yet")
    end
end

function terminate()
    near = {}
end

function add(name)
    near[#near + 1] = modules.gamelib.creature(name)
end

function count()
    return #near
end
