/* What cppcheck must know of macros in headers that it does not read. */
#define json_object_foreach(object, key, value) for (key = 0, value = 0; object;)
#define json_array_foreach(array, index, value) for (index = 0, value = 0; array;)
