// What spdlog.cpp names only on Windows: the console's colours.
#include <spdlog/details/console_globals.h>
#include <spdlog/sinks/wincolor_sink-inl.h>

template class spdlog::sinks::wincolor_sink<spdlog::details::console_mutex>;
template class spdlog::sinks::wincolor_sink<spdlog::details::console_nullmutex>;
template class spdlog::sinks::wincolor_stdout_sink<spdlog::details::console_mutex>;
template class spdlog::sinks::wincolor_stdout_sink<spdlog::details::console_nullmutex>;
