/* The benchmark's yardstick: what someone who knows the machine writes by hand, on one core.
 *
 * Batch-major: a variable of the network is a row of lanes, one lane per example, four doubles to a
 * vector. Products of matrices are blocked for registers: eight accumulators, enough to hide the
 * latency of a fused multiply-add. Vectors are GCC's extension (clang has it too), so this compiles
 * anywhere; it is meant for AVX2. Loops with exp, log or erf are left to the compiler's vectoriser.
 */
#include <math.h>
#include <string.h>

typedef double v4 __attribute__((vector_size(32)));
typedef double v4_anywhere __attribute__((vector_size(32), aligned(8), may_alias));
typedef long long mask4 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))
#define RELU(x) ((v4)((mask4)(x) & ((x) > (v4){0})))
#define WHERE(condition, x) ((v4)((mask4)(x) & (condition)))

INLINE v4 spread(double x) { return (v4){x, x, x, x}; }
INLINE v4 load(const double *p) { return *(const v4_anywhere *)p; }
INLINE void store(double *p, v4 x) { *(v4_anywhere *)p = x; }
INLINE double sum4(v4 a) { return (a[0] + a[1]) + (a[2] + a[3]); }

/* The sums of four vectors, as one vector. */
INLINE v4 sums(v4 a, v4 b, v4 c, v4 d)
{
    v4 ab = __builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7);
    v4 cd = __builtin_shufflevector(c, d, 0, 4, 2, 6) + __builtin_shufflevector(c, d, 1, 5, 3, 7);
    return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

/* out = W x + b, rows of `blocks` vectors; `high` rows by `wide` vectors at a time. */
INLINE void layer(const double *W, const double *b, int outs, int ins, const v4 *x, v4 *out,
                  int blocks, int high, int wide, int relu)
{
    for (int j = 0; j < outs; j += high)
        for (int n = 0; n < blocks; n += wide) {
            v4 total[8];
            for (int h = 0; h < high; h++)
                for (int w = 0; w < wide; w++) total[h * wide + w] = spread(b[j + h]);
            for (int i = 0; i < ins; i++)
                for (int h = 0; h < high; h++) {
                    v4 weight = spread(W[(j + h) * ins + i]);
                    for (int w = 0; w < wide; w++)
                        total[h * wide + w] += weight * x[i * blocks + n + w];
                }
            for (int h = 0; h < high; h++)
                for (int w = 0; w < wide; w++) {
                    v4 z = total[h * wide + w];
                    out[(j + h) * blocks + n + w] = relu ? RELU(z) : z;
                }
        }
}

/* gW = delta x', gb = sums of delta; two rows by four columns at a time. */
INLINE void weights(const v4 *delta, const v4 *x, int outs, int ins, int blocks, double *gW,
                    double *gb)
{
    for (int j = 0; j < outs; j += 2) {
        v4 first = {0}, second = {0};
        for (int n = 0; n < blocks; n++) {
            first += delta[j * blocks + n];
            second += delta[(j + 1) * blocks + n];
        }
        gb[j] = sum4(first);
        gb[j + 1] = sum4(second);
        for (int i = 0; i < ins; i += 4) {
            v4 total[8] = {{0}};
            for (int n = 0; n < blocks; n++)
                for (int h = 0; h < 2; h++)
                    for (int w = 0; w < 4; w++)
                        total[h * 4 + w] += delta[(j + h) * blocks + n] * x[(i + w) * blocks + n];
            for (int h = 0; h < 2; h++)
                store(gW + (j + h) * ins + i, sums(total[h * 4], total[h * 4 + 1],
                                                   total[h * 4 + 2], total[h * 4 + 3]));
        }
    }
}

/* h = (W' delta) where h > 0, in place. */
INLINE void back(const double *W, const v4 *delta, int outs, int ins, v4 *h, int blocks, int high,
                 int wide)
{
    for (int i = 0; i < ins; i += high)
        for (int n = 0; n < blocks; n += wide) {
            v4 total[8] = {{0}};
            for (int j = 0; j < outs; j++)
                for (int k = 0; k < high; k++) {
                    v4 weight = spread(W[j * ins + i + k]);
                    for (int w = 0; w < wide; w++)
                        total[k * wide + w] += weight * delta[j * blocks + n + w];
                }
            for (int k = 0; k < high; k++)
                for (int w = 0; w < wide; w++) {
                    v4 *place = &h[(i + k) * blocks + n + w];
                    *place = WHERE(*place > (v4){0}, total[k * wide + w]);
                }
        }
}

/* ---- micrograd's README expression */

double expression_value(double a, double b)
{
    double c = 4 * (a + b) + 3 - a, d = 3 * (a * b + b * b * b) + (a + b > 0 ? a + b : 0);
    double e = c - 4 * d - (b - a > 0 ? b - a : 0), f = e * e;
    return f / 2 + 10 / f;
}

void expression(double a, double b, double *out)
{
    double plus = a + b > 0, minus = b - a > 0;
    double c = 4 * (a + b) + 3 - a, d = 3 * (a * b + b * b * b) + plus * (a + b);
    double e = c - 4 * d - minus * (b - a), f = e * e;
    double slope = 2 * e * (0.5 - 10 / (f * f));
    out[0] = f / 2 + 10 / f;
    out[1] = slope * (3 - 12 * b - 4 * plus + minus);
    out[2] = slope * (4 - 12 * (a + 3 * b * b) - 4 * plus - minus);
}

/* ---- two moons: 2-16-16-1, relu, mean hinge + 1e-4 sum p²; parameters W1 b1 W2 b2 W3 b3 */

enum { H = 16, MOONS = 337, MOST = 256, W1 = 0, B1 = 32, W2 = 48, B2 = 304, W3 = 320, B3 = 336 };
#define PENALTY 1e-4

/* p: parameters; x, y, t: columns of n <= 1024 points. Full-batch gradient descent. */
void moons(double *p, const double *x, const double *y, const double *t, int n, double lr, int steps)
{
    static v4 inputs[2 * MOST], target[MOST], one[H * MOST], two[H * MOST], slopes[MOST];
    static double g[MOONS + 3];
    int blocks = (n + 7) / 8 * 2;
    memset(inputs, 0, sizeof inputs);
    memset(target, 0, sizeof target); /* 0 in the lanes to spare: their slope is 0 */
    memcpy(inputs, x, n * sizeof(double));
    memcpy(inputs + blocks, y, n * sizeof(double));
    memcpy(target, t, n * sizeof(double));
    for (int step = 0; step < steps; step++) {
        layer(p + W1, p + B1, H, 2, inputs, one, blocks, 4, 2, 1);
        layer(p + W2, p + B2, H, H, one, two, blocks, 4, 2, 1);
        v4 share = spread(-1.0 / n), bias = {0};
        for (int k = 0; k < blocks; k += 2) {
            v4 s[2] = {spread(p[B3]), spread(p[B3])};
            for (int j = 0; j < H; j++)
                for (int w = 0; w < 2; w++) s[w] += spread(p[W3 + j]) * two[j * blocks + k + w];
            for (int w = 0; w < 2; w++) {
                v4 active = target[k + w] * share;
                slopes[k + w] = WHERE(1.0 - target[k + w] * s[w] > (v4){0}, active);
                bias += slopes[k + w];
            }
        }
        g[B3] = sum4(bias);
        for (int j = 0; j < H; j++) {
            v4 total = {0}, weight = spread(p[W3 + j]);
            for (int k = 0; k < blocks; k++) {
                v4 h = two[j * blocks + k];
                total += slopes[k] * h;
                two[j * blocks + k] = WHERE(h > (v4){0}, weight * slopes[k]);
            }
            g[W3 + j] = sum4(total);
        }
        weights(two, one, H, H, blocks, g + W2, g + B2);
        back(p + W2, two, H, H, one, blocks, 4, 2);
        for (int j = 0; j < H; j++) {
            v4 first = {0}, second = {0}, third = {0};
            for (int k = 0; k < blocks; k++) {
                v4 delta = one[j * blocks + k];
                first += delta * inputs[k];
                second += delta * inputs[blocks + k];
                third += delta;
            }
            g[W1 + 2 * j] = sum4(first);
            g[W1 + 2 * j + 1] = sum4(second);
            g[B1 + j] = sum4(third);
        }
        for (int k = 0; k < MOONS; k++) p[k] -= lr * (g[k] + 2 * PENALTY * p[k]);
    }
}

/* The same network, one point a step, in turn from the point `first`. Lanes are neurons here; W2 is kept transposed. */
void moons_single(double *p, const double *x, const double *y, const double *t, int n, double lr,
                  int steps, int first)
{
    enum { V = H / 4 };
    v4 wx[V], wy[V], b1[V], b2[V], w3[V], W[H][V], keep = spread(1 - 2 * PENALTY * lr);
    double b3 = p[B3];
    for (int j = 0; j < H; j++) {
        wx[j / 4][j % 4] = p[W1 + 2 * j];
        wy[j / 4][j % 4] = p[W1 + 2 * j + 1];
        for (int i = 0; i < H; i++) W[i][j / 4][j % 4] = p[W2 + j * H + i];
    }
    for (int v = 0; v < V; v++) {
        b1[v] = load(p + B1 + 4 * v);
        b2[v] = load(p + B2 + 4 * v);
        w3[v] = load(p + W3 + 4 * v);
    }
    for (int step = 0, k = first; step < steps; step++, k = k + 1 < n ? k + 1 : 0) {
        v4 h1[V], h2[V], d2[V], even[V], odd[V];
        for (int v = 0; v < V; v++) {
            v4 z = b1[v] + wx[v] * x[k] + wy[v] * y[k];
            h1[v] = RELU(z);
            even[v] = b2[v];
            odd[v] = (v4){0};
        }
        const double *h = (const double *)h1;
        for (int i = 0; i < H; i += 2)
            for (int v = 0; v < V; v++) {
                even[v] += W[i][v] * h[i];
                odd[v] += W[i + 1][v] * h[i + 1];
            }
        v4 score = {0};
        for (int v = 0; v < V; v++) {
            v4 z = even[v] + odd[v];
            h2[v] = RELU(z);
            score += w3[v] * h2[v];
        }
        double slope = 1 - t[k] * (b3 + sum4(score)) > 0 ? -t[k] : 0.0, move = lr * slope;
        for (int v = 0; v < V; v++) {
            d2[v] = WHERE(h2[v] > (v4){0}, w3[v] * slope);
            w3[v] = w3[v] * keep - h2[v] * move;
            b2[v] = b2[v] * keep - d2[v] * lr;
        }
        b3 = b3 * keep[0] - move;
        for (int i = 0; i < H; i += 4) {
            v4 part[4];
            for (int q = 0; q < 4; q++) {
                part[q] = (v4){0};
                for (int v = 0; v < V; v++) part[q] += W[i + q][v] * d2[v];
                v4 weight = spread(lr * h[i + q]);
                for (int v = 0; v < V; v++) W[i + q][v] = W[i + q][v] * keep - weight * d2[v];
            }
            v4 d1 = WHERE(h1[i / 4] > (v4){0}, sums(part[0], part[1], part[2], part[3]) * lr);
            wx[i / 4] = wx[i / 4] * keep - d1 * x[k];
            wy[i / 4] = wy[i / 4] * keep - d1 * y[k];
            b1[i / 4] = b1[i / 4] * keep - d1;
        }
    }
    p[B3] = b3;
    for (int j = 0; j < H; j++) {
        p[W1 + 2 * j] = wx[j / 4][j % 4];
        p[W1 + 2 * j + 1] = wy[j / 4][j % 4];
        p[B1 + j] = b1[j / 4][j % 4];
        p[B2 + j] = b2[j / 4][j % 4];
        p[W3 + j] = w3[j / 4][j % 4];
        for (int i = 0; i < H; i++) p[W2 + j * H + i] = W[i][j / 4][j % 4];
    }
}

/* ---- digits: 64-32-10, relu, softmax cross-entropy, batches of 32, Adam; parameters W1 b1 W2 b2 */

enum { IN = 64, HIDDEN = 32, OUT = 10, BATCH = 32, BLOCKS = BATCH / 4 };
enum { U1 = 0, C1 = IN * HIDDEN, U2 = C1 + HIDDEN, C2 = U2 + HIDDEN * OUT, DIGITS = C2 + OUT };

/* pixels, labels: row-major, `batches` times 32 rows, taken in turn; m, v: Adam's moments. */
void digits(double *restrict p, double *restrict m, double *restrict v, const double *pixels,
            const long long *labels, int batches, double lr, double beta1, double beta2,
            double epsilon, int before, int steps)
{
    static v4 x[IN * BLOCKS], h[HIDDEN * BLOCKS], z[OUT * BLOCKS];
    static double g[DIGITS];
    double *lanes = (double *)x, *logits = (double *)z;
    for (int step = 0; step < steps; step++) {
        int batch = (before + step) % batches;
        const double *rows = pixels + (long)batch * BATCH * IN;
        for (int r = 0; r < BATCH; r += 4)
            for (int i = 0; i < IN; i += 4) {
                v4 a = load(rows + r * IN + i), b = load(rows + (r + 1) * IN + i);
                v4 c = load(rows + (r + 2) * IN + i), d = load(rows + (r + 3) * IN + i);
                v4 ab = __builtin_shufflevector(a, b, 0, 4, 2, 6);
                v4 cd = __builtin_shufflevector(c, d, 0, 4, 2, 6);
                v4 AB = __builtin_shufflevector(a, b, 1, 5, 3, 7);
                v4 CD = __builtin_shufflevector(c, d, 1, 5, 3, 7);
                store(lanes + i * BATCH + r, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
                store(lanes + (i + 1) * BATCH + r, __builtin_shufflevector(AB, CD, 0, 1, 4, 5));
                store(lanes + (i + 2) * BATCH + r, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
                store(lanes + (i + 3) * BATCH + r, __builtin_shufflevector(AB, CD, 2, 3, 6, 7));
            }
        layer(p + U1, p + C1, HIDDEN, IN, x, h, BLOCKS, 4, 2, 1);
        layer(p + U2, p + C2, OUT, HIDDEN, h, z, BLOCKS, 2, 4, 0);
        double most[BATCH], total[BATCH];
        memcpy(most, logits, sizeof most);
        for (int j = 1; j < OUT; j++)
            for (int r = 0; r < BATCH; r++)
                most[r] = logits[j * BATCH + r] > most[r] ? logits[j * BATCH + r] : most[r];
        memset(total, 0, sizeof total);
        for (int j = 0; j < OUT; j++)
            for (int r = 0; r < BATCH; r++) {
                double e = exp(logits[j * BATCH + r] - most[r]);
                logits[j * BATCH + r] = e;
                total[r] += e;
            }
        for (int r = 0; r < BATCH; r++) total[r] = 1.0 / (BATCH * total[r]);
        for (int j = 0; j < OUT; j++)
            for (int r = 0; r < BATCH; r++) logits[j * BATCH + r] *= total[r];
        for (int r = 0; r < BATCH; r++)
            logits[labels[batch * BATCH + r] * BATCH + r] -= 1.0 / BATCH;
        weights(z, h, OUT, HIDDEN, BLOCKS, g + U2, g + C2);
        back(p + U2, z, OUT, HIDDEN, h, BLOCKS, 4, 2);
        weights(h, x, HIDDEN, IN, BLOCKS, g + U1, g + C1);
        double rate = lr / (1 - pow(beta1, before + step + 1));
        double correction = 1 / (1 - pow(beta2, before + step + 1));
        for (int k = 0; k < DIGITS; k++) {
            m[k] = beta1 * m[k] + (1 - beta1) * g[k];
            v[k] = beta2 * v[k] + (1 - beta2) * g[k] * g[k];
            p[k] -= rate * m[k] / (sqrt(v[k] * correction) + epsilon);
        }
    }
}

/* ---- Rosenbrock: sum_i 100 (x_{i+1} - x_i²)² + (1 - x_i)² */

void rosenbrock_gradient(const double *restrict x, int n, double *restrict g)
{
    g[0] = -400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]);
    for (int i = 1; i < n - 1; i++)
        g[i] = 200 * (x[i] - x[i - 1] * x[i - 1]) - 400 * x[i] * (x[i + 1] - x[i] * x[i]) -
               2 * (1 - x[i]);
    g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
}

void rosenbrock_hessian(const double *restrict x, int n, double *restrict out)
{
    memset(out, 0, (long)n * n * sizeof(double));
    for (int i = 0; i < n; i++) {
        if (i > 0) out[i * n + i - 1] = -400 * x[i - 1];
        out[i * n + i] = (i > 0 ? 200 : 0) +
                         (i < n - 1 ? 1200 * x[i] * x[i] - 400 * x[i + 1] + 2 : 0);
        if (i < n - 1) out[i * n + i + 1] = -400 * x[i];
    }
}

/* ---- Black and Scholes: price, delta, gamma, vega, theta, rho of calls, each n long in out */

void options(const double *restrict spot, const double *restrict strike,
             const double *restrict rate, const double *restrict volatility,
             const double *restrict time, int n, double *restrict out)
{
    double *restrict price = out, *restrict delta = out + n, *restrict gamma_ = out + 2 * n;
    double *restrict vega = out + 3 * n, *restrict theta = out + 4 * n, *restrict rho = out + 5 * n;
#pragma GCC ivdep
    for (int i = 0; i < n; i++) {
        double S = spot[i], r = rate[i], sigma = volatility[i], T = time[i];
        double root = sqrt(T), width = sigma * root;
        double upper = (log(S / strike[i]) + (r + 0.5 * sigma * sigma) * T) / width;
        double lower = upper - width;
        double above = 0.5 + 0.5 * erf(upper * M_SQRT1_2);
        double below = 0.5 + 0.5 * erf(lower * M_SQRT1_2);
        double density = exp(-0.5 * upper * upper) * (0.5 * M_SQRT1_2 * M_2_SQRTPI);
        double paid = strike[i] * exp(-r * T) * below;
        price[i] = S * above - paid;
        delta[i] = above;
        gamma_[i] = density / (S * width);
        vega[i] = S * density * root;
        theta[i] = -0.5 * S * density * sigma / root - r * paid;
        rho[i] = T * paid;
    }
}
