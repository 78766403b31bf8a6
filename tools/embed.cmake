# SPDX-License-Identifier: Apache-2.0
#
# Writes a text file as a C array: cmake -DIN=f -DOUT=c -DNAME=n -P embed.cmake
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "#include <stddef.h>
extern const char ${NAME}[];
extern const size_t ${NAME}_len;
const char ${NAME}[] = {${bytes}0};
const size_t ${NAME}_len = sizeof(${NAME}) - 1;
")
