// Precompiled once for every test binary.

#include "cmake/precompiled/common.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
