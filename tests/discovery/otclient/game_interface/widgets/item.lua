function item(id)
    return { id = id, count = 1 }
end
