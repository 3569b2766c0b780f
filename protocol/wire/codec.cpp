// SPDX-License-Identifier: BSL-1.0
#include "protocol/wire/codec.hpp"

// The codec is templates only; this file makes sure that its header compiles alone.
