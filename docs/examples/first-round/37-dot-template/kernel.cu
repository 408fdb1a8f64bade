template <typename T, int BLOCK>
__global__ void dot_kernel(const T *a, const T *b, T *result, int n) {
    __shared__ T part[BLOCK];
    T sum = T(0);
    for (int i = threadIdx.x; i < n; i += BLOCK) {
        sum += a[i] * b[i];
    }
    part[threadIdx.x] = sum;
    __syncthreads();
    for (int half = BLOCK / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) {
            part[threadIdx.x] += part[threadIdx.x + half];
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        *result = part[0];
    }
}
