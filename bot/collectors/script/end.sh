
leave
s end
