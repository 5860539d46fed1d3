/* Bytes of machine code, written within their room, and what each instruction is called. */

typedef struct {
    uint8_t *bytes;
    int32_t size, room;
    int full; /* something did not fit: nothing that was written may be run */
    int lists;
    char *text; /* the listing, if it lists */
    size_t text_size, text_room;
} Writer;

static void put(Writer *writer, unsigned byte) {
    if (writer->size < writer->room)
        writer->bytes[writer->size++] = (uint8_t)byte;
    else
        writer->full = 1;
}

static void put_number(Writer *writer, uint64_t number, int bytes) {
    for (int k = 0; k < bytes; k++) put(writer, (unsigned)(number >> 8 * k & 0xFF));
}

static void align(Writer *writer, int32_t to) {
    while (writer->size % to && !writer->full) put(writer, 0xCC);
}

__attribute__((format(printf, 2, 3))) static void say(Writer *writer, const char *format, ...) {
    for (;;) {
        va_list arguments;
        size_t left = writer->text_room - writer->text_size;
        char *start = writer->text ? writer->text + writer->text_size : NULL;
        va_start(arguments, format);
        int size = vsnprintf(start, left, format, arguments);
        va_end(arguments);
        if (size >= 0 && (size_t)size < left) {
            writer->text_size += (size_t)size;
            return;
        }
        size_t room = 2 * writer->text_room + 4096;
        char *text = size < 0 ? NULL : PyMem_RawRealloc(writer->text, room);
        if (!text) {
            writer->full = 1;
            return;
        }
        writer->text = text, writer->text_room = room;
    }
}

/* A line of the listing: the instruction whose bytes begin at `start`. */
#define LIST(writer, start, ...)                                                                  \
    do {                                                                                          \
        if ((writer)->lists) {                                                                    \
            list_bytes(writer, start);                                                            \
            say(writer, __VA_ARGS__);                                                             \
            say(writer, "\n");                                                                    \
        }                                                                                         \
    } while (0)

static void list_bytes(Writer *writer, int32_t start) {
    say(writer, "%6x:  ", (unsigned)start);
    for (int32_t k = start; k < writer->size; k++) say(writer, "%02x", writer->bytes[k]);
    say(writer, "%*s", 2 * (int)(start + 12 - writer->size) > 2 ? 2 * (int)(start + 12 - writer->size) : 2, "");
}
