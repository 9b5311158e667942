function creature(name)
    return { name = name, health = 100 }
end
