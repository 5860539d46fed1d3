/* One copy of the kernels; what its words mean ends with it. */

#include "vector_words.h"
#include "vector_math.h"
#include "points.h"
#include "lanes.h"
#include "single_rows.h"
#include "optimizer_steps.h"
#include "columns.h"
#include "copies.h"

#undef LANES
#undef VECTOR
#undef Doubles
#undef Mask
#undef Bits
#undef DoublesAnywhere
#undef HAS_FMA
#undef MULADD
#undef VECTORS
#undef LOAD
#undef STORE
#undef SPREAD
#undef SHUFFLE
#undef LESS
#undef AT_MOST
