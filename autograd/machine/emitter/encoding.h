/* Instructions of x86-64 as bytes: the few that straight-line arithmetic takes.

   All arithmetic is encoded with VEX: results have a register of their own, one number (sd) or four
   (pd) are one instruction but for two bits, and addresses need no alignment. */

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R14 = 14, R15 = 15, RIP = -1 };

static const char *const GENERAL[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                      "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

/* An operand: a vector register, or memory at a register and a distance. From RIP the distance is
   that from the start of the code. */
typedef struct {
    int in_memory, number;
    int32_t distance;
} Operand;

static Operand in_register(int number) { return (Operand){0, number, 0}; }
static Operand in_memory(int base, int32_t distance) { return (Operand){1, base, distance}; }

/* Families of instructions: arithmetic is of one number or of four, of whole registers, or reads
   one number in any case. */
typedef enum { OF_NUMBERS, OF_BITS, FUSED, OF_ONE, BLENDING } Family;

typedef struct {
    const char *name;
    uint8_t family, map, opcode;
} Instruction;

enum { IMMEDIATE_NONE = -1, NO_SOURCE = -1 };

static const Instruction ADD = {"vadd", OF_NUMBERS, 1, 0x58}, SUB = {"vsub", OF_NUMBERS, 1, 0x5C},
                         MUL = {"vmul", OF_NUMBERS, 1, 0x59}, DIV = {"vdiv", OF_NUMBERS, 1, 0x5E},
                         SQRT = {"vsqrt", OF_NUMBERS, 1, 0x51},
                         COMPARE = {"vcmp", OF_NUMBERS, 1, 0xC2},
                         AND = {"vandpd", OF_BITS, 1, 0x54},
                         AND_NOT = {"vandnpd", OF_BITS, 1, 0x55},
                         OR = {"vorpd", OF_BITS, 1, 0x56}, XOR = {"vxorpd", OF_BITS, 1, 0x57},
                         MOVE = {"vmovapd", OF_BITS, 1, 0x28},
                         MULADD = {"vfmadd132", FUSED, 2, 0x98}, /* result · operand + source */
                         MULADD_TO = {"vfmadd231", FUSED, 2, 0xB8}, /* likewise, + */
                         MULSUB = {"vfmsub213", FUSED, 2, 0xAA}, /* source · result - operand */
                         MULSUB_TO = {"vfmsub231", FUSED, 2, 0xBA}, /* source · operand - result */
                         BROADCAST = {"vbroadcastsd", OF_ONE, 2, 0x19},
                         ORDER = {"vucomisd", OF_ONE, 1, 0x2E},
                         BLEND = {"vblendvpd", BLENDING, 3, 0x4B};

/* Comparisons by their number in the instruction: those that Python's floats are compared with
   raise the flag of invalid operations for NaN, as C's do. */
enum { EQUAL, LESS, LESS_OR_EQUAL, UNORDERED, NOT_EQUAL, AT_LEAST = 13, GREATER };

static const char *comparison_name(int number) {
    switch (number) {
    case EQUAL: return "eq";
    case LESS: return "lt";
    case LESS_OR_EQUAL: return "le";
    case UNORDERED: return "unord";
    case NOT_EQUAL: return "neq";
    case AT_LEAST: return "ge";
    default: return "gt";
    }
}

static void list_operand(Writer *writer, Operand operand, int lanes, int bytes, int32_t end) {
    if (!operand.in_memory) {
        say(writer, ",%s%d", lanes == 4 ? "ymm" : "xmm", operand.number);
        return;
    }
    const char *kind = bytes == 32 ? "YMMWORD" : bytes == 16 ? "XMMWORD" : "QWORD";
    if (operand.number == RIP)
        say(writer, ",%s PTR [rip+0x%llx]", kind,
            (unsigned long long)((int64_t)operand.distance - end));
    else
        say(writer, ",%s PTR [%s+0x%x]", kind, GENERAL[operand.number], (unsigned)operand.distance);
}

/* The byte that names the operands, and where memory is. */
static void put_operand(Writer *writer, int reg, Operand operand, int bytes_after) {
    unsigned field = (unsigned)(reg & 7) << 3;
    if (!operand.in_memory) {
        put(writer, 0xC0 | field | (unsigned)(operand.number & 7));
    } else if (operand.number == RIP) {
        put(writer, field | 5);
        put_number(writer, (uint32_t)(operand.distance - (writer->size + 4 + bytes_after)), 4);
    } else {
        int near = operand.distance >= -128 && operand.distance < 128;
        put(writer, (near ? 0x40 : 0x80) | field | (unsigned)(operand.number & 7));
        if (operand.number == RSP) put(writer, 0x24);
        put_number(writer, (uint32_t)operand.distance, near ? 1 : 4);
    }
}

/* `prefix`: 0 none, 1 66, 2 F3, 3 F2. */
static void put_vex(Writer *writer, int map, int prefix, int wide, int lanes, int opcode, int reg,
                    int source, Operand operand, int bytes_after) {
    unsigned last = (unsigned)((~(source < 0 ? 0 : source) & 15) << 3 | (lanes == 4) << 2 | prefix);
    int high = !operand.in_memory && operand.number >= 8;
    if (map == 1 && !wide && !high) {
        put(writer, 0xC5);
        put(writer, (reg < 8) << 7 | last);
    } else {
        put(writer, 0xC4);
        put(writer, (unsigned)((reg < 8) << 7 | 1 << 6 | !high << 5 | map));
        put(writer, (unsigned)wide << 7 | last);
    }
    put(writer, (unsigned)opcode);
    put_operand(writer, reg, operand, bytes_after);
}

/* result = source ∘ operand, for one number or four. `immediate`: the number of a comparison, or the
   register of the mask by which a blend takes its second operand. */
static void apply(Writer *writer, Instruction it, int lanes, int result, int source,
                  Operand operand, int immediate) {
    int32_t start = writer->size;
    int scalar = lanes == 1 && it.family != OF_BITS && it.family != BLENDING;
    int prefix = scalar && it.family == OF_NUMBERS ? 3 : 1, fused = it.family == FUSED;
    int width = scalar || it.family == OF_ONE ? 8 : lanes == 4 ? 32 : 16;
    put_vex(writer, it.map, prefix, fused, lanes, it.opcode + (fused && scalar), result, source,
            operand, immediate >= 0);
    if (immediate >= 0)
        put(writer, (unsigned)(it.family == BLENDING ? immediate << 4 : immediate));
    if (!writer->lists) return;
    const char *kind = lanes == 4 ? "ymm" : "xmm";
    list_bytes(writer, start);
    say(writer, "%s%s%s %s%d", it.name,
        it.family == OF_NUMBERS && immediate >= 0 ? comparison_name(immediate) : "",
        it.family != OF_NUMBERS && !fused ? "" : scalar ? "sd" : "pd", kind, result);
    if (source >= 0) say(writer, ",%s%d", kind, source);
    list_operand(writer, operand, lanes, width, writer->size);
    if (it.family == BLENDING) say(writer, ",%s%d", kind, immediate);
    say(writer, "\n");
}

/* Four numbers, or one: from memory, or to it. */
static void move_at(Writer *writer, int lanes, int reg, Operand memory, int to_memory) {
    int32_t start = writer->size;
    const char *name = lanes == 4 ? "vmovupd" : "vmovsd", *kind = lanes == 4 ? "ymm" : "xmm";
    put_vex(writer, 1, lanes == 4 ? 1 : 3, 0, lanes, 0x10 + to_memory, reg, NO_SOURCE, memory, 0);
    if (!writer->lists) return;
    list_bytes(writer, start);
    if (to_memory)
        say(writer, "%s %s PTR [%s+0x%x],%s%d", name, lanes == 4 ? "YMMWORD" : "QWORD",
            GENERAL[memory.number], (unsigned)memory.distance, kind, reg);
    else
        say(writer, "%s %s%d", name, kind, reg);
    if (!to_memory) list_operand(writer, memory, lanes, 8 * lanes, writer->size);
    say(writer, "\n");
}

/* Instructions of a few fixed bytes. */
static void put_fixed(Writer *writer, const char *name, int count, const char *bytes) {
    int32_t start = writer->size;
    for (int k = 0; k < count; k++) put(writer, (uint8_t)bytes[k]);
    LIST(writer, start, "%s", name);
}

#define FIXED(writer, name, bytes) put_fixed(writer, name, (int)sizeof(bytes) - 1, bytes)

static void load_whole(Writer *writer, int reg, const char *name, uint32_t number) {
    int32_t start = writer->size;
    put(writer, 0xB8 + (unsigned)reg);
    put_number(writer, number, 4);
    LIST(writer, start, "mov %s,0x%x", name, (unsigned)number);
}

static void call(Writer *writer, uintptr_t function) {
    int32_t start = writer->size;
    put(writer, 0x48);
    put(writer, 0xB8);
    put_number(writer, function, 8);
    LIST(writer, start, "movabs rax,0x%llx", (unsigned long long)function);
    FIXED(writer, "call rax", "\xFF\xD0");
}

enum { JUMP_BYTES = 6 };

/* A jump if the condition holds. */
static void jump(Writer *writer, const char *name, unsigned condition, int32_t to) {
    int32_t start = writer->size;
    put(writer, 0x0F);
    put(writer, 0x80 | condition);
    put_number(writer, (uint32_t)(to - (writer->size + 4)), 4);
    LIST(writer, start, "%s 0x%x", name, (unsigned)to);
}

/* A call of code that is written already. */
static void call_at(Writer *writer, int32_t to) {
    int32_t start = writer->size;
    put(writer, 0xE8);
    put_number(writer, (uint32_t)(to - (writer->size + 4)), 4);
    LIST(writer, start, "call 0x%x", (unsigned)to);
}
