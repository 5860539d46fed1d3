"""Words of C and C++ that no name in emitted code may be, or that no function may be called by.

Gathered from GCC 12 on Linux: `cc -dM -E` of the standard headers that programs include, and what
its compilers of C99 to C23 and C++11 to C++20 refuse or warn of; tests hold them against the
compiler that is there.
"""

from __future__ import annotations

KEYWORDS = """
HUGE_VAL INFINITY NAN NULL alignas alignof and and_eq asm auto bitand bitor bool break case catch
char char16_t char32_t char8_t class co_await co_return co_yield compl concept const const_cast
consteval constexpr constinit continue decltype default delete do double double_t dynamic_cast else
enum explicit export extern false float float_t for friend goto if import inline int linux long main
module mutable namespace new noexcept not not_eq nullptr offsetof operator or or_eq private
protected ptrdiff_t public register reinterpret_cast requires restrict return short signed signgam
size_t sizeof static static_assert static_cast struct switch template this thread_local throw true
try typedef typeid typename typeof typeof_unqual union unix unsigned using virtual void volatile
wchar_t while xor xor_eq
"""
# Of <math.h>: what emitted code calls must not be hidden.
LIBRARY = """
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim
floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb
lrint lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalbln scalbn
sin sinh sqrt tan tanh tgamma trunc
"""
OTHERS = """
abs div drem finite fpclassify gamma isfinite isgreater isinf isless isnan isnormal isunordered j0
j1 jn labs signbit significand y0 y1 yn
"""
# A macro stands for something else wherever it is written.
MACROS = """
AIO_PRIO_DELTA_MAX BC_BASE_MAX BC_DIM_MAX BC_SCALE_MAX BC_STRING_MAX BIG_ENDIAN BOOL_MAX BOOL_WIDTH
BUFSIZ BYTE_ORDER CHARCLASS_NAME_MAX CHAR_BIT CHAR_MAX CHAR_MIN CHAR_WIDTH CLOCKS_PER_SEC
CLOCK_BOOTTIME CLOCK_BOOTTIME_ALARM CLOCK_MONOTONIC CLOCK_MONOTONIC_COARSE CLOCK_MONOTONIC_RAW
CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME CLOCK_REALTIME_ALARM CLOCK_REALTIME_COARSE CLOCK_TAI
CLOCK_THREAD_CPUTIME_ID COLL_WEIGHTS_MAX DBL_DECIMAL_DIG DBL_DIG DBL_EPSILON DBL_HAS_SUBNORM
DBL_IS_IEC_60559 DBL_MANT_DIG DBL_MAX DBL_MAX_10_EXP DBL_MAX_EXP DBL_MIN DBL_MIN_10_EXP DBL_MIN_EXP
DBL_NORM_MAX DBL_SNAN DBL_TRUE_MIN DEC128_EPSILON DEC128_MANT_DIG DEC128_MAX DEC128_MAX_EXP
DEC128_MIN DEC128_MIN_EXP DEC128_SNAN DEC128_TRUE_MIN DEC32_EPSILON DEC32_MANT_DIG DEC32_MAX
DEC32_MAX_EXP DEC32_MIN DEC32_MIN_EXP DEC32_SNAN DEC32_TRUE_MIN DEC64_EPSILON DEC64_MANT_DIG
DEC64_MAX DEC64_MAX_EXP DEC64_MIN DEC64_MIN_EXP DEC64_SNAN DEC64_TRUE_MIN DECIMAL_DIG
DEC_EVAL_METHOD DEC_INFINITY DEC_NAN DEFAULT DEG_TO_RAD DELAYTIMER_MAX DOMAIN E2BIG EACCES
EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF EBADFD EBADMSG EBADR EBADRQC
EBADSLT EBFONT EBUSY ECANCELED ECHILD ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK
EDEADLOCK EDESTADDRREQ EDOM EDOTDOT EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON
EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED EKEYREJECTED EKEYREVOKED
EL2HLT EL2NSYNC EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP EMEDIUMTYPE
EMFILE EMLINK EMSGSIZE EMULTIHOP ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO
ENOBUFS ENOCSI ENODATA ENODEV ENOENT ENOEXEC ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET
ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTBLK ENOTCONN ENOTDIR ENOTEMPTY ENOTNAM
ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENOTUNIQ ENXIO EOF EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM
EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG EREMOTE EREMOTEIO ERESTART
ERFKILL EROFS ESHUTDOWN ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME ETIMEDOUT
ETOOMANYREFS ETXTBSY EUCLEAN EULER EUNATCH EUSERS EWOULDBLOCK EXDEV EXFULL EXIT_FAILURE EXIT_SUCCESS
EXPR_NEST_MAX FALSE FD_SETSIZE FILENAME_MAX FLT_DECIMAL_DIG FLT_DIG FLT_EPSILON FLT_EVAL_METHOD
FLT_HAS_SUBNORM FLT_IS_IEC_60559 FLT_MANT_DIG FLT_MAX FLT_MAX_10_EXP FLT_MAX_EXP FLT_MIN
FLT_MIN_10_EXP FLT_MIN_EXP FLT_NORM_MAX FLT_RADIX FLT_ROUNDS FLT_SNAN FLT_TRUE_MIN FOPEN_MAX
FP_ILOGB0 FP_ILOGBNAN FP_INFINITE FP_INT_DOWNWARD FP_INT_TONEAREST FP_INT_TONEARESTFROMZERO
FP_INT_TOWARDZERO FP_INT_UPWARD FP_LLOGB0 FP_LLOGBNAN FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO F_CPU
HALF_PI HIGH HOST_NAME_MAX HUGE HUGE_VALF HUGE_VALL HUGE_VAL_F128 HUGE_VAL_F32 HUGE_VAL_F32X
HUGE_VAL_F64 HUGE_VAL_F64X I INPUT INT16_MAX INT16_MIN INT16_WIDTH INT32_MAX INT32_MIN INT32_WIDTH
INT64_MAX INT64_MIN INT64_WIDTH INT8_MAX INT8_MIN INT8_WIDTH INTMAX_MAX INTMAX_MIN INTMAX_WIDTH
INTPTR_MAX INTPTR_MIN INTPTR_WIDTH INT_FAST16_MAX INT_FAST16_MIN INT_FAST16_WIDTH INT_FAST32_MAX
INT_FAST32_MIN INT_FAST32_WIDTH INT_FAST64_MAX INT_FAST64_MIN INT_FAST64_WIDTH INT_FAST8_MAX
INT_FAST8_MIN INT_FAST8_WIDTH INT_LEAST16_MAX INT_LEAST16_MIN INT_LEAST16_WIDTH INT_LEAST32_MAX
INT_LEAST32_MIN INT_LEAST32_WIDTH INT_LEAST64_MAX INT_LEAST64_MIN INT_LEAST64_WIDTH INT_LEAST8_MAX
INT_LEAST8_MIN INT_LEAST8_WIDTH INT_MAX INT_MIN INT_WIDTH LDBL_DECIMAL_DIG LDBL_DIG LDBL_EPSILON
LDBL_HAS_SUBNORM LDBL_IS_IEC_60559 LDBL_MANT_DIG LDBL_MAX LDBL_MAX_10_EXP LDBL_MAX_EXP LDBL_MIN
LDBL_MIN_10_EXP LDBL_MIN_EXP LDBL_NORM_MAX LDBL_SNAN LDBL_TRUE_MIN LINE_MAX LITTLE_ENDIAN LLONG_MAX
LLONG_MIN LLONG_WIDTH LOGIN_NAME_MAX LONG_MAX LONG_MIN LONG_WIDTH LOW L_ctermid L_cuserid L_tmpnam
MATH_ERREXCEPT MATH_ERRNO MAXFLOAT MAX_CANON MAX_INPUT MB_CUR_MAX MB_LEN_MAX MQ_PRIO_MAX M_1_PI
M_1_PIf M_1_PIf128 M_1_PIf32 M_1_PIf32x M_1_PIf64 M_1_PIf64x M_1_PIl M_2_PI M_2_PIf M_2_PIf128
M_2_PIf32 M_2_PIf32x M_2_PIf64 M_2_PIf64x M_2_PIl M_2_SQRTPI M_2_SQRTPIf M_2_SQRTPIf128
M_2_SQRTPIf32 M_2_SQRTPIf32x M_2_SQRTPIf64 M_2_SQRTPIf64x M_2_SQRTPIl M_E M_Ef M_Ef128 M_Ef32
M_Ef32x M_Ef64 M_Ef64x M_El M_LN10 M_LN10f M_LN10f128 M_LN10f32 M_LN10f32x M_LN10f64 M_LN10f64x
M_LN10l M_LN2 M_LN2f M_LN2f128 M_LN2f32 M_LN2f32x M_LN2f64 M_LN2f64x M_LN2l M_LOG10E M_LOG10Ef
M_LOG10Ef128 M_LOG10Ef32 M_LOG10Ef32x M_LOG10Ef64 M_LOG10Ef64x M_LOG10El M_LOG2E M_LOG2Ef
M_LOG2Ef128 M_LOG2Ef32 M_LOG2Ef32x M_LOG2Ef64 M_LOG2Ef64x M_LOG2El M_PI M_PI_2 M_PI_2f M_PI_2f128
M_PI_2f32 M_PI_2f32x M_PI_2f64 M_PI_2f64x M_PI_2l M_PI_4 M_PI_4f M_PI_4f128 M_PI_4f32 M_PI_4f32x
M_PI_4f64 M_PI_4f64x M_PI_4l M_PIf M_PIf128 M_PIf32 M_PIf32x M_PIf64 M_PIf64x M_PIl M_SQRT1_2
M_SQRT1_2f M_SQRT1_2f128 M_SQRT1_2f32 M_SQRT1_2f32x M_SQRT1_2f64 M_SQRT1_2f64x M_SQRT1_2l M_SQRT2
M_SQRT2f M_SQRT2f128 M_SQRT2f32 M_SQRT2f32x M_SQRT2f64 M_SQRT2f64x M_SQRT2l NAME_MAX NFDBITS
NGROUPS_MAX OUTPUT OVERFLOW PATH_MAX PDP_ENDIAN PI PIPE_BUF PLOSS PTHREAD_DESTRUCTOR_ITERATIONS
PTHREAD_KEYS_MAX PTHREAD_STACK_MIN PTRDIFF_MAX PTRDIFF_MIN PTRDIFF_WIDTH P_tmpdir RAD_TO_DEG
RAND_MAX RENAME_EXCHANGE RENAME_NOREPLACE RENAME_WHITEOUT RE_DUP_MAX RTSIG_MAX SCHAR_MAX SCHAR_MIN
SCHAR_WIDTH SEEK_CUR SEEK_DATA SEEK_END SEEK_HOLE SEEK_SET SEM_VALUE_MAX SHRT_MAX SHRT_MIN
SHRT_WIDTH SIG_ATOMIC_MAX SIG_ATOMIC_MIN SIG_ATOMIC_WIDTH SING SIZE_MAX SIZE_WIDTH SNAN SNANF
SNANF128 SNANF32 SNANF32X SNANF64 SNANF64X SNANL SSIZE_MAX TIMER_ABSTIME TIME_UTC TLOSS TMP_MAX TRUE
TTY_NAME_MAX TWO_PI UCHAR_MAX UCHAR_WIDTH UINT16_MAX UINT16_WIDTH UINT32_MAX UINT32_WIDTH UINT64_MAX
UINT64_WIDTH UINT8_MAX UINT8_WIDTH UINTMAX_MAX UINTMAX_WIDTH UINTPTR_MAX UINTPTR_WIDTH
UINT_FAST16_MAX UINT_FAST16_WIDTH UINT_FAST32_MAX UINT_FAST32_WIDTH UINT_FAST64_MAX
UINT_FAST64_WIDTH UINT_FAST8_MAX UINT_FAST8_WIDTH UINT_LEAST16_MAX UINT_LEAST16_WIDTH
UINT_LEAST32_MAX UINT_LEAST32_WIDTH UINT_LEAST64_MAX UINT_LEAST64_WIDTH UINT_LEAST8_MAX
UINT_LEAST8_WIDTH UINT_MAX UINT_WIDTH ULLONG_MAX ULLONG_WIDTH ULONG_MAX ULONG_WIDTH UNDERFLOW
USHRT_MAX USHRT_WIDTH WCHAR_MAX WCHAR_MIN WCHAR_WIDTH WCONTINUED WEXITED WINT_MAX WINT_MIN
WINT_WIDTH WNOHANG WNOWAIT WSTOPPED WUNTRACED XATTR_LIST_MAX XATTR_NAME_MAX XATTR_SIZE_MAX X_TLOSS
assert complex errno far i386 imaginary math_errhandling near noreturn stderr stdin stdout va_arg
va_copy va_end va_start
"""
# Functions that compilers know, or that headers declare: no other function can have their names.
FUNCTIONS = """
a64l abort acosf acoshf acoshl acosl aligned_alloc alloca arc4random arc4random_buf
arc4random_uniform asctime asctime_r asinf asinhf asinhl asinl at_quick_exit atan2f atan2l atanf
atanhf atanhl atanl atexit atof atoi blkcnt_t blksize_t bsearch bzero cabs cabsf cabsl cacos cacosf
cacosh cacoshf cacoshl cacosl caddr_t calloc canonicalize canonicalizef canonicalizel carg cargf
cargl casin casinf casinh casinhf casinhl casinl catan catanf catanh catanhf catanhl catanl cbrtf
cbrtl ccos ccosf ccosh ccoshf ccoshl ccosl ceilf ceilf128 ceilf16 ceilf32 ceilf32x ceilf64 ceilf64x
ceill cexp cexpf cexpl cimag cimagf cimagl clearenv clearerr clock clock_t clockid_t clog clog10
clog10f clog10l clogf clogl conj conjf conjl copysignf copysignf128 copysignf16 copysignf32
copysignf32x copysignf64 copysignf64x copysignl cosf coshf coshl cosl cpow cpowf cpowl cproj cprojf
cprojl creal crealf creall csin csinf csinh csinhf csinhl csinl csqrt csqrtf csqrtl ctan ctanf ctanh
ctanhf ctanhl ctanl daddr_t daylight dcgettext dev_t dgettext difftime div_t drand48_r dremf dreml
dysize ecvt ecvt_r erand48 erand48_r erfcf erfcl erff erfl execl execle execlp execv execve execvp
exit exp10f exp10l exp2f exp2l expf expl explicit_bzero expm1f expm1l fabsd128 fabsd32 fabsd64 fabsf
fabsf128 fabsf16 fabsf32 fabsf32x fabsf64 fabsf64x fabsl fclose fcvt fcvt_r fd_mask fd_set fdimf
fdiml fdopen feclearexcept fegetenv fegetexceptflag fegetround feholdexcept feof feraiseexcept
ferror fesetenv fesetexceptflag fesetround fetestexcept feupdateenv fflush ffs ffsimax ffsl ffsll
fgetc fileno finited128 finited32 finited64 finitef finitel floorf floorf128 floorf16 floorf32
floorf32x floorf64 floorf64x floorl fmaf fmaf128 fmaf16 fmaf32 fmaf32x fmaf64 fmaf64x fmal fmaxf
fmaxf128 fmaxf16 fmaxf32 fmaxf32x fmaxf64 fmaxf64x fmaximum fmaximumf fmaximuml fmaxl fminf fminf128
fminf16 fminf32 fminf32x fminf64 fminf64x fminimum fminimumf fminimuml fminl fmodf fmodl fopen fork
fpos_t fprintf fputc fputs fread free freopen frexpf frexpl fsblkcnt_t fscanf fseek fseeko fsetpos
fsfilcnt_t fsid_t ftell ftello ftrylockfile funlockfile fwrite gamma_r gammaf gammaf_r gammal
gammal_r gcvt getc getchar getdelim getenv getline getloadavg getsubopt gettext getw gid_t gmtime
gmtime_r hypotf hypotl id_t ilogbf ilogbf32x ilogbf64 ilogbl imaxabs index initstate initstate_r
ino_t int16_t int32_t int64_t int8_t isalnum isalnum_l isalpha isalpha_l isascii isblank isblank_l
iscntrl iscntrl_l isdigit isdigit_l iseqsig isgraph isgraph_l isgreaterequal isinfd128 isinfd32
isinfd64 isinff isinfl islessequal islessgreater islower isnand128 isnand32 isnand64 isnanf isnanl
isprint isprint_l ispunct ispunct_l issignaling isspace isspace_l issubnormal isupper iswalnum
iswalpha iswblank iswcntrl iswdigit iswgraph iswlower iswprint iswpunct iswspace iswupper iswxdigit
isxdigit isxdigit_l iszero j0f j0l j1f j1l jnf jnl jrand48 jrand48_r key_t l64a lcong48 lcong48_r
ldexpf ldexpl ldiv ldiv_t lgamma_r lgammaf lgammaf_r lgammal lgammal_r llabs lldiv lldiv_t llogb
llogbf llogbf32x llogbf64 llogbl llrintf llrintf32x llrintf64 llrintl llroundf llroundf32x
llroundf64 llroundl locale_t localtime localtime_r loff_t log10f log10l log1pf log1pl log2f log2l
logbf logbl logf logl lrand48 lrand48_r lrintf lrintf32x lrintf64 lrintl lroundf lroundf32x
lroundf64 lroundl malloc max_align_t mblen mbstowcs mbtowc memccpy memchr memcmp memcpy memmove
mempcpy memset mode_t modff modfl mrand48 mrand48_r nand128 nand32 nand64 nanf nanf128 nanf16 nanf32
nanf32x nanf64 nanf64x nanl nearbyintf nearbyintf128 nearbyintf16 nearbyintf32 nearbyintf32x
nearbyintf64 nearbyintf64x nearbyintl nextafterf nextafterl nextdownf nextdownl nexttowardf
nexttowardl nextupf nextupl nlink_t nrand48 nrand48_r off_t on_exit open_memstream pclose perror
pid_t popen posix_memalign pow10f pow10l powf powl printf pselect pthread_attr_t pthread_barrier_t
pthread_barrierattr_t pthread_cond_t pthread_condattr_t pthread_key_t pthread_mutex_t
pthread_mutexattr_t pthread_once_t pthread_rwlock_t pthread_rwlockattr_t pthread_spinlock_t
pthread_t putc putchar putenv puts qecvt qecvt_r qfcvt qfcvt_r qgcvt qsort quad_t rand rand_r random
random_r realloc reallocarray realpath register_t remainderf remainderl remove remquof remquol
rewind rindex rintf rintf128 rintf16 rintf32 rintf32x rintf64 rintf64x rintl roundevenf
roundevenf128 roundevenf16 roundevenf32 roundevenf32x roundevenf64 roundevenf64x roundevenl roundf
roundf128 roundf16 roundf32 roundf32x roundf64 roundf64x roundl scalb scalbf scalbl scalblnf
scalblnl scalbnf scalbnl setenv setlinebuf setstate setstate_r setvbuf signbitd128 signbitd32
signbitd64 signbitf signbitl significandf significandl sigset_t sincos sincosf sincosl sinf sinhf
sinhl sinl snprintf sprintf sqrtf sqrtf128 sqrtf16 sqrtf32 sqrtf32x sqrtf64 sqrtf64x sqrtl sscanf
ssize_t std stpcpy stpncpy strcat strchr strcmp strcpy strcspn strftime strlen strncat strncmp
strncpy strpbrk strrchr strspn strstr strtok strtok_r strtol strtold strtoll strtoq strtouq strxfrm
strxfrm_l suseconds_t system tanf tanhf tanhl tanl tempnam tgammaf tgammal time time_t timegm
timelocal timer_create timer_delete timer_t timespec_get timezone tmpfile tmpnam tmpnam_r toascii
tolower tolower_l toupper towlower towupper truncf truncf128 truncf16 truncf32 truncf32x truncf64
truncf64x truncl tzname tzset u_char u_int u_int16_t u_int32_t u_int64_t u_int8_t uid_t uint ulong
ungetc unsetenv useconds_t ushort va_list valloc vdprintf vfprintf vfscanf vprintf vscanf vsnprintf
vsprintf wcstombs wctomb y0f y0l y1f y1l ynf ynl
"""
