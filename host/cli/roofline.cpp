// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "roofline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

namespace narrowgate::cli {
namespace {

using internal::ImageModel;

// The picture, in its own units.
constexpr double kWidth = 760;
constexpr double kHeight = 480;
constexpr double kLeft = 80;
constexpr double kRight = 30;
constexpr double kTop = 50;
constexpr double kBottom = 60;
// The axes, as powers of ten.
constexpr int kFirstX = -1;  // MAC per byte
constexpr int kLastX = 4;

struct Series {
  const char* format;
  const char* colour;
};
constexpr Series kSeries[] = {
    {"int8", "#1f5fa8"}, {"int4", "#c2571a"}, {"mxfp4", "#2c7d46"}, {"mxfp8_e4m3", "#8a3b8f"}};

/// From figures to places.
class Axes {
 public:
  explicit Axes(double peak) : last_y_(static_cast<int>(std::ceil(std::log10(peak)))) {}
  int last_y() const { return last_y_; }
  int first_y() const { return last_y_ - kDecades; }
  double x(double intensity) const {
    return kLeft +
           (std::log10(intensity) - kFirstX) / (kLastX - kFirstX) * (kWidth - kLeft - kRight);
  }
  double y(double rate) const {
    return kTop + (last_y_ - std::log10(rate)) / kDecades * (kHeight - kTop - kBottom);
  }

 private:
  static constexpr int kDecades = 4;
  int last_y_;
};

std::string line(double x1, double y1, double x2, double y2, const char* style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1,
                     x2, y2, style);
}

std::string text(double x, double y, const std::string& words, const char* style = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, style, words);
}

std::string grid(const Axes& axes) {
  std::string svg;
  const double bottom = kHeight - kBottom;
  for (int d = kFirstX; d <= kLastX; ++d) {
    const double x = axes.x(std::pow(10, d));
    svg += line(x, kTop, x, bottom, "stroke=\"#ddd\"");
    svg += text(x, bottom + 18, fmt::format("{:g}", std::pow(10, d)), "text-anchor=\"middle\"");
  }
  for (int d = axes.first_y(); d <= axes.last_y(); ++d) {
    const double y = axes.y(std::pow(10, d));
    svg += line(kLeft, y, kWidth - kRight, y, "stroke=\"#ddd\"");
    svg += text(kLeft - 8, y + 4, fmt::format("{:g}", std::pow(10, d - 9)), "text-anchor=\"end\"");
  }
  svg +=
      text(kWidth / 2, kHeight - 18, "MAC per byte of the card's memory", "text-anchor=\"middle\"");
  svg += text(kLeft, kTop - 8, "billion MAC a second");
  return svg;
}

/// Bytes a second of all banks that have a port of the kernel.
double bandwidth(const ImageModel& model) {
  std::set<int> banks;
  double sum = 0;
  for (const internal::BankModel* bank : {&model.a, &model.b, &model.v, &model.c}) {
    if (banks.insert(bank->index).second) sum += bank->bytes_per_second;
  }
  return sum;
}

/// One pair of equal formats: its roof, and cubes and row vectors of many sizes under it.
std::string series(const ImageModel& model, const Axes& axes, const Series& s, double bytes_per_s) {
  const BlockedFormat format = parse_blocked_format(s.format);
  if (std::ranges::count(model.image.formats, format.format) == 0) return "";
  std::string svg;
  double peak = 0;
  for (const bool cube : {true, false}) {
    for (std::uint64_t size = 64; size <= 8192; size *= 2) {
      const Prediction p = predict_on(model, {cube ? size : 1, size, size, format, format});
      peak = static_cast<double>(p.peak_macs_per_cycle) * p.clock_mhz * 1e6;
      const double intensity = static_cast<double>(p.macs) / p.bytes;
      const double rate = static_cast<double>(p.macs) / p.seconds();
      if (rate < std::pow(10, axes.first_y()) || intensity < std::pow(10, kFirstX)) continue;
      svg += fmt::format(
          "<{} fill=\"{}\"><title>{} {}x{}x{}: {:.4g} billion MAC/s</title></{}>\n",
          cube ? fmt::format("circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"", axes.x(intensity),
                             axes.y(rate))
               : fmt::format("rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"6\" height=\"6\"",
                             axes.x(intensity) - 3, axes.y(rate) - 3),
          s.colour, s.format, cube ? size : 1, size, size, rate / 1e9, cube ? "circle" : "rect");
    }
  }
  const std::string stroke = fmt::format("stroke=\"{}\" stroke-width=\"1.5\"", s.colour);
  const double ridge = peak / bytes_per_s;
  svg += line(axes.x(ridge), axes.y(peak), kWidth - kRight, axes.y(peak), stroke.c_str());
  return svg;
}

}  // namespace

std::string roofline_svg(const ImageModel& model) {
  const double bytes_per_s = bandwidth(model);
  const double cells =
      static_cast<double>(model.image.geometry.tile_rows) * model.image.geometry.tile_cols;
  const double highest = 2 * cells * model.clock_mhz * 1e6;
  const Axes axes(highest);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      kWidth, kHeight);
  svg += text(kWidth / 2, 22,
              fmt::format("{} on {}: predicted, at an assumed {:g} MHz", model.image.name,
                          model.image.card, model.clock_mhz),
              "text-anchor=\"middle\" font-size=\"15\"");
  svg += grid(axes);
  const double lowest = std::max(std::pow(10, axes.first_y()) / bytes_per_s, std::pow(10, kFirstX));
  svg += line(axes.x(lowest), axes.y(lowest * bytes_per_s), axes.x(highest / bytes_per_s),
              axes.y(highest), "stroke=\"#333\" stroke-width=\"1.5\"");
  double legend = kHeight - kBottom - 14;
  for (const Series& s : kSeries) {
    svg += series(model, axes, s, bytes_per_s);
    svg += text(kWidth - 240, legend, s.format, fmt::format("fill=\"{}\"", s.colour).c_str());
    legend -= 16;
  }
  svg += text(kWidth - 240, legend,
              fmt::format("memory: {:.1f} GB/s after refresh", bytes_per_s / 1e9));
  svg += text(kWidth - 240, legend - 16, "dots: cubes; squares: M = 1");
  return svg + "</svg>\n";
}

}  // namespace narrowgate::cli
