local running = false

function init()
    running = true
    area = map().width * map().height
end

function terminate()
    running = false
end

function isRunning()
    return running
end
