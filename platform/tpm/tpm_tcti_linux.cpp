#include <poll.h>
#include <tss2/tss2_tpm2_types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "platform/tpm/tpm_linux.h"

namespace latchkey::platform {

/// What tpm2-tss calls, with its signatures.
struct FileTctiCalls {
    // Any answer is a tag of two bytes, its whole length in four, a code in four, and more.
    static constexpr std::size_t kHeaderBytes = 10;

    static FileTcti& self(TSS2_TCTI_CONTEXT* context) {
        return *reinterpret_cast<FileTcti*>(context);
    }

    static TSS2_RC transmit(TSS2_TCTI_CONTEXT* context, std::size_t size,
                            const std::uint8_t* command) {
        self(context).answer_.clear();
        ssize_t put = -1;
        // The device takes a command in one write or not at all.
        do put = ::write(self(context).fd_, command, size);
        while (put < 0 && errno == EINTR);
        return put == static_cast<ssize_t>(size) ? TSS2_RC_SUCCESS : TSS2_TCTI_RC_IO_ERROR;
    }

    static std::size_t announced_size(const std::vector<std::uint8_t>& answer) {
        return std::size_t{answer[2]} << 24 | std::size_t{answer[3]} << 16 |
               std::size_t{answer[4]} << 8 | std::size_t{answer[5]};
    }

    /// The device hands an answer out in one read, a socket may need several.
    static TSS2_RC read_answer(FileTcti& tcti) {
        constexpr std::size_t kMostBytes = TPM2_MAX_RESPONSE_SIZE;
        auto& answer = tcti.answer_;
        while (answer.size() < kHeaderBytes || answer.size() < announced_size(answer)) {
            const std::size_t used = answer.size();
            if (used >= kMostBytes) return TSS2_TCTI_RC_MALFORMED_RESPONSE;
            pollfd waiting{tcti.fd_, POLLIN, 0};
            const int ready = ::poll(&waiting, 1, static_cast<int>(tcti.patience_.count()));
            if (ready < 0 && errno == EINTR) continue;
            tcti.ran_out_ = ready == 0;
            answer.resize(kMostBytes);
            const ssize_t got =
                ready > 0 ? ::read(tcti.fd_, answer.data() + used, kMostBytes - used) : -1;
            answer.resize(used + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            if (got <= 0) return TSS2_TCTI_RC_IO_ERROR;
        }
        return TSS2_RC_SUCCESS;
    }

    /// Without a buffer, only the answer's size is asked for.
    static TSS2_RC receive(TSS2_TCTI_CONTEXT* context, std::size_t* size, std::uint8_t* buffer,
                           std::int32_t) {
        auto& tcti = self(context);
        if (!size) return TSS2_TCTI_RC_BAD_REFERENCE;
        if (const auto code = read_answer(tcti); code != TSS2_RC_SUCCESS) return code;
        const bool fits = tcti.answer_.size() <= *size;
        *size = tcti.answer_.size();
        if (!buffer) return TSS2_RC_SUCCESS;
        if (!fits) return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
        std::copy(tcti.answer_.begin(), tcti.answer_.end(), buffer);
        tcti.answer_.clear();
        return TSS2_RC_SUCCESS;
    }
};

FileTcti::FileTcti(int fd, Duration patience) : fd_(fd), patience_(patience) {
    common_.v1.version = 2;
    common_.v1.transmit = FileTctiCalls::transmit;
    common_.v1.receive = FileTctiCalls::receive;
}

}  // namespace latchkey::platform
