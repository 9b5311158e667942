function map()
    return { width = 15, height = 11 }
end
