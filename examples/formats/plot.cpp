// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "formats/report.hpp"

namespace examples {
namespace {

constexpr double kWidth = 960;
constexpr double kPanelHeight = 400;
constexpr double kLeft = 70;
constexpr double kRight = 30;
constexpr double kTop = 60;
constexpr double kBottom = 50;
constexpr double kFirstBit = 3.6;
constexpr double kLastBit = 9.9;
constexpr double kLargestRadius = 11;
constexpr double kLetterWidth = 6.2;  // of the labels' font of 11 px, on the safe side
constexpr double kLineHeight = 12;

struct Point {
  std::string label;
  std::string colour;
  double x = 0;
  double score = 0;
  double cycles = 0;
};

struct Box {
  double x0, y0, x1, y1;
  bool meets(const Box& other) const {
    return x0 < other.x1 && other.x0 < x1 && y0 < other.y1 && other.y0 < y1;
  }
};

constexpr const char* kColours[][2] = {{"#4269d0", "integers"},
                                       {"#efb118", "floating point, one scale for the tensor"},
                                       {"#3ca951", "blocks with scales"}};

const char* colour_of(const Operands& operands) {
  const narrowgate::FormatInfo& row = narrowgate::info(operands.b.format);
  if (row.has_scales() && !row.is_group()) return kColours[2][0];
  return kColours[row.is_float ? 1 : 0][0];
}

double x_of(double bits) {
  return kLeft + (bits - kFirstBit) / (kLastBit - kFirstBit) * (kWidth - kLeft - kRight);
}

/// One measure of all formats against their bits.
class Panel {
 public:
  Panel(std::string title, std::vector<Point> points, double top)
      : title_(std::move(title)), points_(std::move(points)), top_(top) {
    const auto [low, high] = std::ranges::minmax(points_, {}, &Point::score);
    // Ticks of 1, 2, 5 or 10 hundredths, six at most.
    step_ = 0.01;
    for (const double step : {0.02, 0.05, 0.1, 0.2}) {
      if ((high.score - low.score) / step_ > 6) step_ = step;
    }
    low_ = std::floor(low.score / step_ - 0.3) * step_;
    high_ = std::min(1.0, std::ceil(high.score / step_) * step_);
    if (high_ - high.score < 0.05 * (high_ - low_)) high_ += 0.3 * step_;
    most_cycles_ = std::ranges::max(points_, {}, &Point::cycles).cycles;
  }

  std::string svg() const { return axes() + markers() + labels(); }

 private:
  double bottom() const { return top_ + kPanelHeight - kBottom; }
  double y_of(double score) const {
    return bottom() - (score - low_) / (high_ - low_) * (kPanelHeight - kBottom - kTop);
  }
  double radius_of(const Point& point) const {
    return most_cycles_ > 0 ? kLargestRadius * std::sqrt(point.cycles / most_cycles_) : 5;
  }
  std::string axes() const;
  std::string markers() const;
  std::string labels() const;

  std::string title_;
  std::vector<Point> points_;
  double top_;
  double step_;
  double low_;
  double high_;
  double most_cycles_;
};

std::string Panel::axes() const {
  std::string svg =
      fmt::format("<text x='{}' y='{}' class='title'>{}</text>\n", kLeft, top_ + 30, title_);
  for (int bits = 4; bits <= 9; ++bits) {
    svg += fmt::format(
        "<path d='M{0:.1f} {1:.1f}V{2:.1f}' class='grid'/>"
        "<text x='{0:.1f}' y='{3:.1f}' text-anchor='middle'>{4}</text>\n",
        x_of(bits), top_ + kTop, bottom(), bottom() + 16, bits);
  }
  const int first = static_cast<int>(std::ceil(low_ / step_ - 1e-9));
  for (int i = first; i * step_ <= high_ + 1e-9; ++i) {
    svg += fmt::format(
        "<path d='M{0} {1:.1f}H{2}' class='grid'/>"
        "<text x='{3}' y='{4:.1f}' text-anchor='end'>{5:.2f}</text>\n",
        kLeft, y_of(i * step_), kWidth - kRight, kLeft - 8, y_of(i * step_) + 4, i * step_);
  }
  return svg + fmt::format(
                   "<text x='{:.1f}' y='{:.1f}' text-anchor='middle'>bits per element of B, its "
                   "share of the scales included</text>\n",
                   (kLeft + kWidth - kRight) / 2, bottom() + 34);
}

std::string Panel::markers() const {
  std::string svg;
  for (const Point& point : points_) {
    svg += fmt::format(
        "<circle cx='{:.1f}' cy='{:.1f}' r='{:.1f}' fill='{}' fill-opacity='0.75'>"
        "<title>{}: {:.4f}, {:.0f} cycles</title></circle>\n",
        point.x, y_of(point.score), radius_of(point), point.colour, point.label, point.score,
        point.cycles);
  }
  return svg;
}

/// Each label goes to the first free place beside its marker: right or left, then line after line
/// away from it, with a line back to the marker.
std::string Panel::labels() const {
  std::vector<Box> taken;
  for (const Point& point : points_) {
    const double r = radius_of(point) * 0.8;
    const double y = y_of(point.score);
    taken.push_back({point.x - r, y - r, point.x + r, y + r});
  }
  std::string svg;
  for (const Point& point : points_) {
    const double width = kLetterWidth * static_cast<double>(point.label.size());
    const double r = radius_of(point) + 4;
    const double y = y_of(point.score);
    Box box{};
    for (int attempt = 0; attempt < 60; ++attempt) {
      const bool left = attempt % 2 == 1;
      const int line = (attempt / 2 + 1) / 2 * (attempt / 2 % 2 == 1 ? -1 : 1);
      const double x = left ? point.x - r - width : point.x + r;
      const double middle = y + line * kLineHeight;
      box = {x, middle - kLineHeight / 2, x + width, middle + kLineHeight / 2};
      const bool inside =
          box.x0 > kLeft - 5 && box.x1 < kWidth && box.y0 > top_ + kTop - 16 && box.y1 < bottom();
      if (inside && std::ranges::none_of(taken, [&](const Box& b) { return b.meets(box); })) break;
    }
    taken.push_back(box);
    const double middle = (box.y0 + box.y1) / 2;
    if (std::abs(middle - y) > 1) {
      svg += fmt::format("<path d='M{:.1f} {:.1f}L{:.1f} {:.1f}' class='leader'/>", point.x, y,
                         box.x0 > point.x ? box.x0 : box.x1, middle);
    }
    svg += fmt::format("<text x='{:.1f}' y='{:.1f}' class='label'>{}</text>\n", box.x0, middle + 4,
                       point.label);
  }
  return svg;
}

Point point_of(const StudyRow& row, const Outcome& outcome) {
  return {row.operands.name(), colour_of(row.operands), x_of(bits_per_element(row.operands.b)),
          outcome.score, static_cast<double>(outcome.account.cycles)};
}

std::string legend(double y) {
  std::string svg;
  double x = kLeft;
  for (const auto& [colour, what] : kColours) {
    svg += fmt::format("<circle cx='{}' cy='{}' r='6' fill='{}'/><text x='{}' y='{}'>{}</text>\n",
                       x + 6, y - 4, colour, x + 18, y, what);
    x += 40 + kLetterWidth * static_cast<double>(std::string(what).size());
  }
  return svg + fmt::format("<text x='{}' y='{}'>area of a marker: cycles on the card</text>\n",
                           x + 10, y);
}

}  // namespace

std::string svg_of(const Study& study) {
  std::vector<Point> images;
  std::vector<Point> words;
  for (const StudyRow& row : study.rows) {
    images.push_back(point_of(row, row.images));
    if (row.words) words.push_back(point_of(row, *row.words));
  }
  std::string panels;
  double height = 0;
  if (!images.empty()) {
    panels += Panel(fmt::format("Fashion-MNIST, accuracy on {} images (FP32: {:.4f})", study.images,
                                study.exact_accuracy),
                    std::move(images), height)
                  .svg();
    height += kPanelHeight;
  }
  if (!words.empty()) {
    panels += Panel(fmt::format("Nearest words, recall@10 of {} queries among {} vectors",
                                study.queries, study.words),
                    std::move(words), height)
                  .svg();
    height += kPanelHeight;
  }
  panels += legend(height + 14);
  height += 30;
  return fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {0} {1}' width='{0}' height='{1}' "
      "font-family='sans-serif' font-size='12'>\n"
      "<style>.grid{{stroke:#ddd}}.leader{{stroke:#999;stroke-width:.6}}.label{{font-size:11px}}"
      ".title{{font-size:15px;font-weight:bold}}</style>\n"
      "<rect width='100%' height='100%' fill='white'/>\n{2}</svg>\n",
      kWidth, height, panels);
}

}  // namespace examples
