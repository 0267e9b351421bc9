// Module of the visitor's device: a drawing framed as a digit of MNIST, made harder, measured, and read by the networks.
//
// It must equal explorer/digits/ (preprocess.py, corruptions.py, typicality.py) and explorer/runs/ensemble.py;
// tests/web/test_device.py compares them. explorer/web/js/device_module.js calls it, with one picture and one network at a time; memory is
// static but for the networks. explorer/web/device/build.py compiles it for wasm32 with 128-bit SIMD.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

typedef float floats __attribute__((ext_vector_type(8)));  // two registers of SIMD: eight channels
typedef floats floats_unaligned __attribute__((aligned(4)));
enum { WIDTH = 8 };  // channels come in multiples of it

// ---- framing: explorer/digits/preprocess.py ----

enum { SENT = 112, FIELD = 28, BOX = 20 };  // pixels a side
enum { READY, BLANK, FULL, THIN };          // outcomes of `frame`
static const float SOLID = 0.5f, FAINT = 0.05f;
static const double MOST_INK = 0.7;
static const int CONTRAST = 16;

static uint8_t picture[SENT * SENT];  // grey levels, paper 0
static float ink[SENT * SENT];        // 0 to 1, rows of `side` pixels
static uint8_t fitted[FIELD * FIELD];
static uint8_t digit[FIELD * FIELD];
static uint8_t seen[FIELD * FIELD];  // the digit after the sliders
static struct {
  int32_t top, left, height, width;       // crop in the picture
  int32_t fitted_height, fitted_width;    // that the crop is resized to
  int32_t corner_top, corner_left;        // of the ink in the digit
} placement;

EXPORT(picture) uint8_t *get_picture(void) { return picture; }
EXPORT(ink) float *get_ink(void) { return ink; }
EXPORT(fitted) uint8_t *get_fitted(void) { return fitted; }
EXPORT(digit) uint8_t *get_digit(void) { return digit; }
EXPORT(seen) uint8_t *get_seen(void) { return seen; }
EXPORT(placement) int32_t *get_placement(void) { return &placement.top; }

static int max(int a, int b) { return a > b ? a : b; }
static int min(int a, int b) { return a < b ? a : b; }
static int nearest_even(double x) { return (int)__builtin_rint(x); }

// Lines of numbers along an axis: line l begins at l * across, and its numbers are `along` apart.
typedef struct {
  int lines, across, along;
} Axis;

// Range of one axis with solid ink, one pixel wider on either side where that is an anti-aliased edge.
static void crop(const float *from, Axis axis, int length, int *start, int *count) {
  float line[SENT];
  int first = length, last = 0;
  for (int i = 0; i < length; i++) {
    line[i] = 0;
    for (int l = 0; l < axis.lines; l++) {
      float value = from[l * axis.across + i * axis.along];
      if (value > line[i]) line[i] = value;
    }
    if (line[i] > SOLID) first = min(first, i), last = i + 1;
  }
  if (first && line[first - 1] > FAINT) first--;
  if (last < length && line[last] > FAINT) last++;
  *start = first;
  *count = last - first;
}

// Pillow's bilinear resampling of one axis, whose filter widens where it shrinks (libImaging/Resample.c).
static void smooth(const float *from, Axis in, int length, float *to, Axis out, int size) {
  double scale = (double)length / size, wide = scale < 1 ? 1 : scale, weights[SENT];
  for (int o = 0; o < size; o++) {
    double centre = (o + 0.5) * scale, sum = 0;
    int start = max(0, (int)(centre - wide + 0.5));
    int count = min(length, (int)(centre + wide + 0.5)) - start;
    for (int i = 0; i < count; i++) {
      double distance = __builtin_fabs((i + start - centre + 0.5) * (1 / wide));
      sum += weights[i] = distance < 1 ? 1 - distance : 0;
    }
    for (int i = 0; i < count; i++) weights[i] /= sum;
    for (int l = 0; l < in.lines; l++) {
      double value = 0;
      for (int i = 0; i < count; i++) value += from[l * in.across + (start + i) * in.along] * weights[i];
      to[l * out.across + o * out.along] = (float)value;
    }
  }
}

// Pillow's nearest neighbour of one axis (libImaging/Geometry.c adds up the steps, and so do we).
static void pick(const float *from, Axis in, int length, float *to, Axis out, int size) {
  double scale = (double)length / size, position = scale * 0.5;
  for (int o = 0; o < size; o++, position += scale)
    for (int l = 0; l < in.lines; l++) to[l * out.across + o * out.along] = from[l * in.across + (int)position * in.along];
}

static int fit(const float *from, int side, int height, int width, int longest, int is_smooth) {
  static float rows[SENT * FIELD], resized[FIELD * FIELD];
  double scale = (double)longest / max(height, width);
  int high = max(1, nearest_even(height * scale)), wide = max(1, nearest_even(width * scale));
  void (*resize)(const float *, Axis, int, float *, Axis, int) = is_smooth ? smooth : pick;
  resize(from, (Axis){height, side, 1}, width, rows, (Axis){height, wide, 1}, wide);
  resize(rows, (Axis){wide, 1, wide}, height, resized, (Axis){wide, 1, wide}, high);
  float strongest = 0;
  for (int i = 0; i < high * wide; i++)
    if (resized[i] > strongest) strongest = resized[i];
  if (!strongest) return THIN;
  for (int i = 0; i < high * wide; i++) fitted[i] = (uint8_t)__builtin_rintf(resized[i] / strongest * 255);
  placement.fitted_height = high;
  placement.fitted_width = wide;
  return READY;
}

// Corner in the field, on one axis, of the inked part of the fitted crop, which begins at *start and has *count pixels.
static int corner(Axis axis, int length, int by_mass, int *start, int *count) {
  int first = length, last = 0;
  double total = 0, moment = 0;
  for (int i = 0; i < length; i++) {
    int mass = 0;
    for (int l = 0; l < axis.lines; l++) mass += fitted[l * axis.across + i * axis.along];
    if (mass) first = min(first, i), last = i + 1;
    total += mass;
    moment += mass * (i + 0.5);
  }
  *start = first;
  *count = last - first;
  if (!by_mass) return (FIELD - length) / 2 + first;
  // The mass has no ink before `first`, so that its middle moves with the axis.
  int begin = nearest_even((FIELD + 1) / 2.0 - (moment - total * first) / total);
  return max(0, min(begin, FIELD - *count));
}

// Frames the picture, `side` pixels a side, as `digit` and as `seen`; with a switch that is 0 the step is replaced by a naive one.
EXPORT(frame) int frame(int side, int box, int is_smooth, int by_mass) {
  int strongest = 0, solid = 0, pixels = side * side;
  for (int i = 0; i < pixels; i++) strongest = max(strongest, picture[i]);
  if (strongest < CONTRAST) return BLANK;
  for (int i = 0; i < pixels; i++) solid += (ink[i] = picture[i] / (float)strongest) > SOLID;
  if ((double)solid / pixels > MOST_INK) return FULL;
  int top = 0, left = 0, height = side, width = side;
  if (box) {
    crop(ink, (Axis){side, 1, side}, side, &top, &height);
    crop(ink + top * side, (Axis){height, side, 1}, side, &left, &width);
  }
  placement.top = top, placement.left = left, placement.height = height, placement.width = width;
  int outcome = fit(ink + top * side + left, side, height, width, box ? BOX : FIELD, is_smooth);
  if (outcome) return outcome;
  int high = placement.fitted_height, wide = placement.fitted_width, row, column;
  placement.corner_top = corner((Axis){wide, 1, wide}, high, by_mass, &row, &height);
  placement.corner_left = corner((Axis){high, wide, 1}, wide, by_mass, &column, &width);
  for (int i = 0; i < FIELD * FIELD; i++) digit[i] = 0;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      digit[(placement.corner_top + y) * FIELD + placement.corner_left + x] = fitted[(row + y) * wide + column + x];
  return READY;
}

// ---- sliders: explorer/digits/corruptions.py ----

static float normals[FIELD * FIELD];  // noise of deviation 1

EXPORT(normals) float *get_normals(void) { return normals; }

static int grey(float value) { return value < 0 ? 0 : value > 255 ? 255 : (int)value; }

// Makes `seen` of `digit`: moved by whole pixels, blended with its mean grey level, and with noise of this deviation.
EXPORT(slide) void slide(int right, int down, float contrast, float deviation) {
  int sum = 0;
  for (int y = 0; y < FIELD; y++)
    for (int x = 0; x < FIELD; x++) {
      int from_y = y - down, from_x = x - right;
      int is_inside = from_y >= 0 && from_y < FIELD && from_x >= 0 && from_x < FIELD;
      sum += seen[y * FIELD + x] = is_inside ? digit[from_y * FIELD + from_x] : 0;
    }
  float mean = (float)sum / (FIELD * FIELD);
  for (int i = 0; i < FIELD * FIELD; i++) {
    if (contrast != 1) seen[i] = grey(seen[i] * contrast + mean * (1 - contrast));
    if (deviation) seen[i] = grey(seen[i] + (int)(normals[i] * (deviation * 255)));
  }
}

// ---- badge: explorer/digits/typicality.py ----

enum { COMPONENTS = 40, FINE = 4, WIDE = FIELD * FINE + 2 };  // fine pixels a pixel, and a side of the fine picture with a margin of paper
enum { TOUCHING = 31 };                                       // grey level: brighter pixels that touch belong to one piece

static float mean_digit[FIELD * FIELD], components[COMPONENTS * FIELD * FIELD];
static float measures[5];

EXPORT(mean_digit) float *get_mean_digit(void) { return mean_digit; }
EXPORT(measures) float *get_measures(void) { return measures; }

// Linear interpolation between the centres of pixels, at fine pixel `fine`.
static void between(int fine, int *low, int *high, float *share) {
  float position = (fine + 0.5f) / FINE - 0.5f;
  int floor = (int)(position + 1) - 1;  // positions begin at -0.375
  *share = position - floor;
  *low = max(floor, 0);
  *high = min(floor + 1, FIELD - 1);
}

// Four times the mean distance of fine ink to paper, in pixels: exact distances, by the nearest paper of every column.
static float stroke(void) {
  static int16_t far[WIDE * WIDE];  // to the nearest paper of the column; 0 is paper
  for (int y = 1; y < WIDE - 1; y++)
    for (int x = 1; x < WIDE - 1; x++) {
      int top, bottom, left, right;
      float down, across;
      between(y - 1, &top, &bottom, &down);
      between(x - 1, &left, &right, &across);
      const uint8_t *a = seen + top * FIELD, *b = seen + bottom * FIELD;
      float above = a[left] * (1 - across) + a[right] * across, below = b[left] * (1 - across) + b[right] * across;
      far[y * WIDE + x] = above * (1 - down) + below * down > 127 ? far[(y - 1) * WIDE + x] + 1 : 0;
    }
  for (int y = WIDE - 2; y > 0; y--)
    for (int x = 1; x < WIDE - 1; x++)
      if (far[y * WIDE + x]) far[y * WIDE + x] = min(far[y * WIDE + x], far[(y + 1) * WIDE + x] + 1);
  double sum = 0;
  int count = 0;
  for (int y = 1; y < WIDE - 1; y++)
    for (int x = 1; x < WIDE - 1; x++) {
      const int16_t *here = far + y * WIDE + x;
      int best = *here * *here;
      if (!best) continue;
      for (int d = 1; d * d < best; d++) best = min(best, d * d + min(here[-d] * here[-d], here[d] * here[d]));
      sum += __builtin_sqrt(best);
      count++;
    }
  return count ? 4 * (sum / count - 0.5) / FINE : 0;
}

static float unexplained(void) {
  float rest[FIELD * FIELD], explained[FIELD * FIELD] = {0}, sum = 0;
  for (int i = 0; i < FIELD * FIELD; i++) rest[i] = seen[i] - mean_digit[i];
  for (int c = 0; c < COMPONENTS; c++) {
    const float *component = components + c * FIELD * FIELD;
    float share = 0;
    for (int i = 0; i < FIELD * FIELD; i++) share += rest[i] * component[i];
    for (int i = 0; i < FIELD * FIELD; i++) explained[i] += share * component[i];
  }
  for (int i = 0; i < FIELD * FIELD; i++) sum += (rest[i] - explained[i]) * (rest[i] - explained[i]);
  return __builtin_sqrtf(sum / (FIELD * FIELD));
}

// Share of the ink in percent outside its largest piece, of pixels that touch at a side or a corner.
static float loose(void) {
  static uint8_t is_open[(FIELD + 2) * (FIELD + 2)];  // ink that belongs to no piece yet, in a margin of paper
  static int16_t stack[FIELD * FIELD];
  int total = 0, largest = 0;
  for (int y = 0; y < FIELD; y++)
    for (int x = 0; x < FIELD; x++) is_open[(y + 1) * (FIELD + 2) + x + 1] = seen[y * FIELD + x] > TOUCHING;
  for (int start = 0; start < (FIELD + 2) * (FIELD + 2); start++) {
    int size = 0, piece = 0;
    if (is_open[start]) is_open[start] = 0, stack[size++] = start;
    while (size) {
      int at = stack[--size];
      piece += seen[(at / (FIELD + 2) - 1) * FIELD + at % (FIELD + 2) - 1];
      for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
          int next = at + dy * (FIELD + 2) + dx;
          if (is_open[next]) is_open[next] = 0, stack[size++] = next;
        }
    }
    total += piece;
    largest = max(largest, piece);
  }
  return total ? 100 * (1 - (double)largest / total) : 0;
}

// Measures of `seen`: ink, stroke, offset, reconstruction error, loose ink.
EXPORT(measure) void measure(void) {
  int total = 0, down = 0, across = 0;
  for (int y = 0; y < FIELD; y++)
    for (int x = 0; x < FIELD; x++) {
      int level = seen[y * FIELD + x];
      total += level, down += level * y, across += level * x;
    }
  double ink_total = max(total, 1), y = down / ink_total - FIELD / 2, x = across / ink_total - FIELD / 2;
  measures[0] = 100.0 * total / (FIELD * FIELD) / 255;
  measures[1] = stroke();
  measures[2] = __builtin_sqrt(y * y + x * x);
  measures[3] = unexplained();
  measures[4] = loose();
}

// ---- networks: explorer/runs/ensemble.py, from files of explorer/runs/device_files.py ----

enum { MAX_BLOCKS = 8, MAX_CHANNELS = 32, MAX_CLASSES = 16, PIXELS = 7 };  // pixels of a row at once: 28, 14 and 7 are its multiples
enum { FORMAT = 0x32564544 };                                              // "DEV2"
static const float EPS = 1e-5f;

// Header of a file. Convolutions' weights are (in, 3 * 3, out), the head's (classes, channels).
typedef struct {
  uint32_t format, networks;
  float mean, deviation;  // of the input
  uint8_t blocks, classes, pooled, channels[MAX_BLOCKS + 1];  // pooled: a bit a block
} Header;

// A network in memory: its numbers are in the file's order, as float32.
typedef struct {
  Header shape;
  int32_t is_centred, is_scaled;  // by statistics of the digit; a norm over the batch is neither, its averages are in weight and bias
  int32_t groups[MAX_BLOCKS];
  float numbers[];
} Network;

static uint8_t file[64 * 1024] __attribute__((aligned(16)));  // a header, then one network's record
static float logits[MAX_CLASSES];

EXPORT(file) uint8_t *get_file(void) { return file; }
EXPORT(file_size) int file_size(void) { return sizeof file; }
EXPORT(header_size) int header_size(void) { return sizeof(Header); }
EXPORT(logits) float *get_logits(void) { return logits; }

static float power_of_two(int exponent) {
  union { uint32_t bits; float value; } power = {.bits = (uint32_t)(exponent + 127) << 23};
  return power.value;
}

// Float16 to float32; numbers below 2^-14 too. The multiplication moves the exponent's bias from 15 to 127.
static float widen(uint16_t half) {
  union { uint32_t bits; float value; } wide = {.bits = (uint32_t)(half & 0x7fff) << 13};
  wide.value *= 0x1p112f;
  wide.bits |= (uint32_t)(half & 0x8000) << 16;
  return wide.value;
}

// Takes the principal components, float16, from `file`.
EXPORT(take_components) void take_components(void) {
  const uint16_t *half = (const uint16_t *)file;
  for (int i = 0; i < COMPONENTS * FIELD * FIELD; i++) components[i] = widen(half[i]);
}

static int is_supported(const Header *shape) {
  if (shape->format != FORMAT || !shape->blocks || shape->blocks > MAX_BLOCKS || shape->classes > MAX_CLASSES || shape->channels[0] != 1) return 0;
  for (int b = 1; b <= shape->blocks; b++)
    if (!shape->channels[b] || shape->channels[b] % WIDTH || shape->channels[b] > MAX_CHANNELS) return 0;
  return 1;
}

// Numbers of a tensor of the record: the convolutions, then each norm's weight and bias, then the head.
static int tensor_size(const Header *shape, int tensor) {
  const uint8_t *channels = shape->channels;
  int blocks = shape->blocks;
  if (tensor < blocks) return channels[tensor] * 9 * channels[tensor + 1];
  if (tensor < 3 * blocks) return channels[(tensor - blocks) / 2 + 1];
  return shape->classes * channels[blocks];
}

// Bytes of the record before the tensors: the norm's statistics, its groups in each block, an exponent for each tensor, and padding.
static int head_size(const Header *shape) { return (1 + shape->blocks + 3 * shape->blocks + 1 + 3) / 4 * 4; }

// Bytes of one record of the file: its head, and the tensors' numbers; 0 where it is not supported.
EXPORT(record_size) int record_size(void) {
  const Header *shape = (const Header *)file;
  if (!is_supported(shape)) return 0;
  int tensors = 3 * shape->blocks + 1, numbers = 0;
  for (int t = 0; t < tensors; t++) numbers += tensor_size(shape, t);
  return head_size(shape) + 2 * numbers;
}

// Bytes that a network of the file takes in memory.
EXPORT(network_size) int network_size(void) { return sizeof(Network) + 2 * record_size(); }

// Reads the record behind the header in `file`.
EXPORT(decode) void decode(Network *network) {
  const uint8_t *record = file + sizeof(Header);
  network->shape = *(const Header *)file;
  network->is_centred = record[0] & 1;
  network->is_scaled = record[0] >> 1;
  int blocks = network->shape.blocks, tensors = 3 * blocks + 1;
  for (int b = 0; b < blocks; b++) network->groups[b] = record[1 + b];
  const uint16_t *half = (const uint16_t *)(record + head_size(&network->shape));
  float *number = network->numbers;
  for (int t = 0; t < tensors; t++) {
    float scale = power_of_two((int8_t)record[1 + blocks + t]);
    for (int i = tensor_size(&network->shape, t); i; i--) *number++ = widen(*half++) * scale;
  }
}

static float padded[(FIELD + 2) * (FIELD + 2) * MAX_CHANNELS] __attribute__((aligned(16)));  // (y, x, channel), with a margin of 0
static float convolved[FIELD * FIELD * MAX_CHANNELS] __attribute__((aligned(16)));           // (y, x, channel)

static floats load(const float *from) { return *(const floats_unaligned *)from; }
static void store(float *to, floats values) { *(floats_unaligned *)to = values; }
static floats larger(floats a, floats b) { return a > b ? a : b; }

// ReLU of `count` neighbouring pixels of eight output channels; adds the values to *sum and their squares to *squares.
static inline __attribute__((always_inline)) void convolve(
    const float *from, int side, int in, const float *weights, int out, float *to, int count, floats *sum, floats *squares) {
  floats pixels[PIXELS];
  for (int p = 0; p < count; p++) pixels[p] = (floats)0;
  for (int c = 0; c < in; c++)
    for (int dy = 0; dy < 3; dy++)
#pragma unroll
      for (int dx = 0; dx < 3; dx++) {
        floats weight = load(weights + (c * 9 + dy * 3 + dx) * out);
        const float *row = from + (dy * (side + 2) + dx) * in + c;
#pragma unroll
        for (int p = 0; p < count; p++) pixels[p] += row[p * in] * weight;
      }
  for (int p = 0; p < count; p++) {
    floats value = larger(0, pixels[p]);
    store(to + p * out, value);
    *sum += value;
    *squares += value * value;
  }
}

// Convolution of `padded` into `convolved`, and of every channel the sum and the sum of squares.
static void convolution(const float *weights, int in, int out, int side, float *sums, float *squares) {
  for (int k = 0; k < out; k += WIDTH) {
    floats sum = (floats)0, square = (floats)0;
    for (int y = 0; y < side; y++) {
      const float *row = padded + y * (side + 2) * in;
      float *to = convolved + y * side * out + k;
      int x = 0;
      for (; x + PIXELS <= side; x += PIXELS) convolve(row + x * in, side, in, weights + k, out, to + x * out, PIXELS, &sum, &square);
      for (; x < side; x++) convolve(row + x * in, side, in, weights + k, out, to + x * out, 1, &sum, &square);
    }
    store(sums + k, sum);
    store(squares + k, square);
  }
}

// Scale and shift of every channel by the norm of block `b`: by the statistics of its group in this image. Without a mean the variance is the mean square.
static void norm(const Network *network, int b, const float *weight, const float *bias, int pixels, float *scale, float *shift) {
  int channels = network->shape.channels[b + 1], size = channels / network->groups[b];
  for (int group = 0; group < channels; group += size) {
    float mean = 0, power = 0;
    for (int c = group; c < group + size; c++) mean += scale[c], power += shift[c];
    mean = network->is_centred ? mean / (size * pixels) : 0;
    float variance = power / (size * pixels) - mean * mean;
    float inverse = network->is_scaled ? 1 / __builtin_sqrtf((variance > 0 ? variance : 0) + EPS) : 1;
    for (int c = group; c < group + size; c++) {
      scale[c] = weight[c] * inverse;
      shift[c] = bias[c] - mean * scale[c];
    }
  }
}

// Writes scale * convolved + shift into `padded`, the largest of 2 x 2 pixels where it pools.
static void spread(int channels, int side, int pools, const float *scale, const float *shift) {
  int size = pools ? side / 2 : side, step = pools ? 2 : 1, row = (size + 2) * channels;
  for (int i = 0; i < row; i++) padded[i] = padded[(size + 1) * row + i] = 0;
  for (int y = 0; y < size; y++) {
    float *to = padded + (y + 1) * row;
    for (int c = 0; c < channels; c++) to[c] = to[row - channels + c] = 0;
    for (int x = 0; x < size; x++)
      for (int k = 0; k < channels; k += WIDTH) {
        floats times = load(scale + k), plus = load(shift + k);
        const float *from = convolved + (y * step * side + x * step) * channels + k;
        floats value = load(from) * times + plus;
        if (pools) {
          const float *below = from + side * channels;
          value = larger(value, load(from + channels) * times + plus);
          value = larger(value, larger(load(below) * times + plus, load(below + channels) * times + plus));
        }
        store(to + (x + 1) * channels + k, value);
      }
  }
}

static void enter(const Header *shape, int is_raw) {
  for (int i = 0; i < (FIELD + 2) * (FIELD + 2); i++) padded[i] = 0;
  for (int y = 0; y < FIELD; y++)
    for (int x = 0; x < FIELD; x++) {
      float level = seen[y * FIELD + x] / 255.0f;
      padded[(y + 1) * (FIELD + 2) + x + 1] = is_raw ? level : (level - shape->mean) / shape->deviation;
    }
}

// Logits of a network for `seen`; `is_raw`: without the normalisation of the input.
EXPORT(read) void read(const Network *network, int is_raw) {
  const Header *shape = &network->shape;
  const float *weights = network->numbers, *norms = weights;
  for (int b = 0; b < shape->blocks; b++) norms += tensor_size(shape, b);
  float scale[MAX_CHANNELS], shift[MAX_CHANNELS];
  int side = FIELD, out = 1;
  enter(shape, is_raw);
  for (int b = 0; b < shape->blocks; b++) {
    int in = out, pools = shape->pooled >> b & 1;
    out = shape->channels[b + 1];
    convolution(weights, in, out, side, scale, shift);
    norm(network, b, norms, norms + out, side * side, scale, shift);
    spread(out, side, pools, scale, shift);
    if (pools) side /= 2;
    weights += in * 9 * out;
    norms += 2 * out;
  }
  for (int d = 0; d < shape->classes; d++) logits[d] = 0;
  for (int c = 0; c < out; c++) {
    float sum = 0;
    for (int y = 1; y <= side; y++)
      for (int x = 1; x <= side; x++) sum += padded[(y * (side + 2) + x) * out + c];
    for (int d = 0; d < shape->classes; d++) logits[d] += sum / (side * side) * norms[d * out + c];
  }
}
