#include "sp404/hearing.h"

#include <aubio/aubio.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace sp404 {

namespace {

constexpr double usual_rate = 44'100;  // at which aubio's own numbers are meant
constexpr double loop_seconds = 20;    // as long a loop is listened to
constexpr double once_seconds = 4;     // as long another sound has to be
constexpr std::size_t beats_min = 4;
constexpr double confidence_min = 0.5;
constexpr double same_share = 0.1;       // two distances of beats that differ by less are the same
constexpr double rounding_share = 0.05;  // what a loop's length may change of the tempo that is heard
constexpr double silence = 0.001;        // of the loudest part
constexpr unsigned coefficients = 16;
constexpr unsigned bands = 40;
constexpr std::int64_t rate_min = 16'000;

template <auto Delete>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Delete(object);
  }
};
using Samples = std::unique_ptr<fvec_t, Deleter<del_fvec>>;
using Spectrum = std::unique_ptr<cvec_t, Deleter<del_cvec>>;
using Onsets = std::unique_ptr<aubio_onset_t, Deleter<del_aubio_onset>>;
using TempoTracker = std::unique_ptr<aubio_tempo_t, Deleter<del_aubio_tempo>>;
using Vocoder = std::unique_ptr<aubio_pvoc_t, Deleter<del_aubio_pvoc>>;
using Cepstrum = std::unique_ptr<aubio_mfcc_t, Deleter<del_aubio_mfcc>>;

/// As many samples as `usual` are at the usual rate, to the next power of two.
unsigned scaled(unsigned usual, std::int64_t rate) {
  const double power = std::round(std::log2(usual * static_cast<double>(rate) / usual_rate));
  return 1U << static_cast<unsigned>(std::clamp(power, 5.0, 16.0));
}

/// Copies the next samples of a sound that is played round and round, or that silence follows.
void fill(fvec_t& part, const std::vector<float>& samples, std::size_t at, bool loops) {
  for (unsigned i = 0; i < part.length; ++i) {
    const std::size_t place = loops ? (at + i) % samples.size() : at + i;
    part.data[i] = place < samples.size() ? samples[place] : 0;
  }
}

struct Heard {
  std::vector<double> tempos;  ///< as it seems to be, part by part
  std::size_t beats = 0;
  std::size_t onsets = 0;  ///< of whatever begins to sound
};

Heard listen_to(const Sound& sound, bool loops) {
  const unsigned hop = scaled(512, sound.sample_rate);
  const auto rate = static_cast<uint_t>(sound.sample_rate);
  const TempoTracker tracker(new_aubio_tempo("default", hop * 2, hop, rate));
  const Onsets onsets(new_aubio_onset("default", hop * 2, hop, rate));
  const Samples part(new_fvec(hop));
  const Samples found(new_fvec(1));
  Heard heard;
  if (!tracker || !onsets || !part || !found) return heard;
  const auto whole = static_cast<std::size_t>(loop_seconds * static_cast<double>(sound.sample_rate));
  const std::size_t end = loops ? std::max(whole, sound.samples.size()) : sound.samples.size();
  for (std::size_t at = 0; at < end; at += hop) {
    fill(*part, sound.samples, at, loops);
    aubio_onset_do(onsets.get(), part.get(), found.get());
    if (found->data[0] != 0) ++heard.onsets;
    aubio_tempo_do(tracker.get(), part.get(), found.get());
    if (found->data[0] != 0) ++heard.beats;
    const auto tempo = static_cast<double>(aubio_tempo_get_bpm(tracker.get()));
    if (tempo > 0) heard.tempos.push_back(tempo);
  }
  return heard;
}

/// The tempo at which the loop holds a whole number of beats, if it is near to what was heard.
double of_whole_beats(double bpm, double seconds) {
  const double beats = std::max(1.0, std::round(bpm * seconds / 60));
  const double exact = 60 * beats / seconds;
  return std::abs(exact - bpm) <= rounding_share * bpm ? exact : bpm;
}

/// Root of the mean square.
double level_of(const fvec_t& part) {
  double sum = 0;
  for (unsigned i = 0; i < part.length; ++i) sum += static_cast<double>(part.data[i]) * part.data[i];
  return std::sqrt(sum / part.length);
}

struct Frame {
  double level = 0;
  std::array<double, coefficients> numbers{};
};

std::vector<Frame> frames_of(const std::vector<float>& samples, std::int64_t rate) {
  const unsigned window = scaled(2048, rate);
  const unsigned hop = window / 4;
  const Vocoder vocoder(new_aubio_pvoc(window, hop));
  const Cepstrum cepstrum(new_aubio_mfcc(window, bands, coefficients, static_cast<uint_t>(rate)));
  const Samples part(new_fvec(hop));
  const Samples numbers(new_fvec(coefficients));
  const Spectrum spectrum(new_cvec(window));
  std::vector<Frame> frames;
  if (!vocoder || !cepstrum || !part || !numbers || !spectrum) return frames;
  for (std::size_t at = 0; at < samples.size(); at += hop) {
    fill(*part, samples, at, false);
    aubio_pvoc_do(vocoder.get(), part.get(), spectrum.get());
    aubio_mfcc_do(cepstrum.get(), spectrum.get(), numbers.get());
    Frame frame{.level = level_of(*part), .numbers = {}};
    std::copy_n(numbers->data, coefficients, frame.numbers.begin());
    frames.push_back(frame);
  }
  return frames;
}

/// As loud as it can be.
std::vector<float> normalised(const std::vector<float>& samples) {
  float peak = 0;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  std::vector<float> loud = samples;
  if (peak > 0)
    for (float& sample : loud) sample /= peak;
  return loud;
}

}  // namespace

bool is_loop(const std::filesystem::path& path) {
  std::string name = path.stem().string();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name.find("loop") != std::string::npos;
}

std::optional<Tempo> hear_tempo(const Sound& sound, bool loops) {
  if (sound.samples.empty() || (!loops && sound.seconds() < once_seconds)) return std::nullopt;
  Heard heard = listen_to(sound, loops);
  if (heard.beats < beats_min || heard.onsets < heard.beats || heard.tempos.empty()) return std::nullopt;
  std::vector<double>& tempos = heard.tempos;
  std::sort(tempos.begin(), tempos.end());
  const double median = tempos[tempos.size() / 2];
  const auto same = std::count_if(tempos.begin(), tempos.end(), [median](double tempo) {
    return std::abs(tempo - median) <= same_share * median;
  });
  const double confidence = static_cast<double>(same) / static_cast<double>(tempos.size());
  if (confidence <= confidence_min) return std::nullopt;
  const double bpm = loops ? of_whole_beats(median, sound.seconds()) : median;
  return Tempo{.bpm = std::round(bpm * 100) / 100, .confidence = std::round(confidence * 100) / 100};
}

std::optional<Timbre> hear_timbre(const Sound& sound) {
  if (sound.sample_rate < rate_min) return std::nullopt;
  std::vector<Frame> frames = frames_of(normalised(sound.samples), sound.sample_rate);
  double loudest = 0;
  for (const Frame& frame : frames) loudest = std::max(loudest, frame.level);
  std::erase_if(frames, [loudest](const Frame& frame) { return frame.level <= silence * loudest; });
  if (frames.empty()) return std::nullopt;
  Timbre timbre{};
  const auto count = static_cast<double>(frames.size());
  for (std::size_t i = 0; i < coefficients; ++i) {
    double sum = 0;
    double squares = 0;
    for (const Frame& frame : frames) sum += frame.numbers[i];
    const double mean = sum / count;
    for (const Frame& frame : frames) squares += (frame.numbers[i] - mean) * (frame.numbers[i] - mean);
    timbre[i] = static_cast<float>(mean);
    timbre[i + coefficients] = static_cast<float>(std::sqrt(squares / count));
  }
  return timbre;
}

}  // namespace sp404
