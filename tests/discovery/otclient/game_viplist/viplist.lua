function init()
end

function terminate()
end
