struct Complex {
    float re, im;
    __host__ __device__ Complex(float re, float im) : re(re), im(im) {}
    __device__ float norm() const { return re * re + im * im; }
    __device__ Complex operator*(const Complex &o) const { return Complex(re * o.re - im * o.im, re * o.im + im * o.re); }
    __device__ Complex operator+(const Complex &o) const { return Complex(re + o.re, im + o.im); }
};

__global__ void mandelbrot_kernel(int width, int height, float left, float top, float step, int limit, int *count) {
    int px = blockIdx.x * blockDim.x + threadIdx.x;
    int py = blockIdx.y * blockDim.y + threadIdx.y;
    if (px >= width || py >= height) return;
    Complex c(left + px * step, top - py * step);
    Complex z(0.0f, 0.0f);
    int k = 0;
    while (k < limit && z.norm() <= 4.0f) {
        z = z * z + c;
        ++k;
    }
    count[py * width + px] = k;
}
