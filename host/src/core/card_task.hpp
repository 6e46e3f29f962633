// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/card_engine.hpp"

namespace narrowgate::internal {

/// One call. Pooled buffers go back when the task ends, well or badly.
class CardTask : public Task {
 public:
  CardTask(CardEngine& engine, Request request) : engine_(engine), request_(std::move(request)) {}
  ~CardTask() override;

  void upload() override;
  void run() override;
  void download() override;

 private:
  std::shared_ptr<const CardOperand> resolve(const Factor& factor, Side side);

  CardEngine& engine_;
  const Request request_;
  std::shared_ptr<const CardOperand> a_;
  std::shared_ptr<const CardOperand> b_;
  std::unique_ptr<CardBuffer> v_;
  std::unique_ptr<CardBuffer> c_;
  std::size_t result_bytes_ = 0;
};

}  // namespace narrowgate::internal
